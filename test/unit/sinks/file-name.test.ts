import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf } from '../../../lib/sinks/textfile/file-name.ts';

describe('the name of the file of a group', () => {
  it('is that of its job and its instance', () => {
    expect(fileNameOf({ job: 'vsweep_services', instance: 'vc01.example.org' })).toBe(
      'vsweep_services@vc01.example.org.prom',
    );
  });

  it.each([
    ['../../etc', 'passwd'],
    ['a/b', 'c'],
    ['.', '..'],
    ['', ''],
    ['x'.repeat(256), 'y'.repeat(253)],
    ['a@b', 'c'],
    ['grüße\u0000\n', 'x'],
  ])('of %j on %j is one that any file system takes, and that stays in the folder', (job, instance) => {
    const name = fileNameOf({ job, instance });
    expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_@-]*\.prom$/);
    expect(name.length).toBeLessThan(200);
  });

  it.each([
    ['a/b c', 'd.e', /^a_b_c@d_e@[0-9a-f]{16}\.prom$/],
    ['', '..', /^_@_@[0-9a-f]{16}\.prom$/],
    ['x'.repeat(101), 'y'.repeat(61), /^x{60}@y{60}@[0-9a-f]{16}\.prom$/],
    ['.a', 'b', /^_a@b@[0-9a-f]{16}\.prom$/],
    ['-a', 'b', /^-a@b@[0-9a-f]{16}\.prom$/],
    ['a', 'b\n', /^a@b_@[0-9a-f]{16}\.prom$/],
    ['x'.repeat(100), '0a._-', /^x{100}@0a\._-\.prom$/],
  ])('of %j on %j shows what it can of both', (job, instance, name) => {
    expect(fileNameOf({ job, instance })).toMatch(name);
  });

  it('is of no other group', () => {
    const word = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', '@', '.', '_', '-', '/', '') }),
      fc.string({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(word, word, word, word, (job, instance, otherJob, otherInstance) => {
        const isSame = job === otherJob && instance === otherInstance;
        const names = [fileNameOf({ job, instance }), fileNameOf({ job: otherJob, instance: otherInstance })];
        expect(names[0] === names[1]).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });
});
