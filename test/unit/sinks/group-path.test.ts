import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupPath } from '../../../lib/sinks/pushgateway/group-path.ts';

/** What a Pushgateway makes of the path: labels in pairs, `@base64` decoded, everything else percent-decoded. */
function readGroup(path: string): Record<string, string> {
  const [empty, metrics, ...parts] = path.split('/');
  expect([empty, metrics, parts.length]).toEqual(['', 'metrics', 4]);
  const pairs = [parts.slice(0, 2), parts.slice(2)].map(([name = '', value = '']) => {
    const [label = '', encoding] = name.split('@');
    const plain =
      encoding === 'base64' ? Buffer.from(value, 'base64url').toString() : decodeURIComponent(value);
    return [label, plain];
  });
  return Object.fromEntries(pairs);
}

describe('groupPath', () => {
  it.each([
    ['vsweep_services', 'vc01.example.org', '/metrics/job/vsweep_services/instance/vc01.example.org'],
    ['a/b', 'x', '/metrics/job@base64/YS9i/instance/x'],
    ['j', '', '/metrics/job/j/instance@base64/='],
    ['j', '.', '/metrics/job/j/instance@base64/Lg'],
    ['j', '..', '/metrics/job/j/instance@base64/Li4'],
    ['j', 'a.b', '/metrics/job/j/instance/a.b'],
    ['j', '\ud800', '/metrics/job/j/instance/%EF%BF%BD'],
    ['j', 'Zürich 1', '/metrics/job/j/instance/Z%C3%BCrich%201'],
  ])('writes the group %j %j as %s', (job, instance, path) => {
    expect(groupPath({ job, instance })).toBe(path);
  });

  it('can be read back, and no URL parser changes it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'e', '@', '?', '#', '\\', ' ') }),
    );
    const job = text.filter((value) => value !== '');
    fc.assert(
      fc.property(job, text, (made, instance) => {
        const path = groupPath({ job: made, instance });
        expect(readGroup(path)).toEqual({ job: made, instance });
        expect(new URL(`http://gateway/base${path}`).pathname).toBe(`/base${path}`);
      }),
    );
  });

  it('refuses an empty job, and says whose it is', () => {
    expect(() => groupPath({ job: '', instance: 'x' })).toThrow(
      expect.objectContaining({
        code: 'group',
        message: expect.stringContaining('name the job of the sweep'),
      }),
    );
  });
});
