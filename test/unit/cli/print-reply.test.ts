import { afterEach, expect, it, vi } from 'vitest';
import { printReply } from '../../../lib/cli/poll.ts';

afterEach(() => vi.restoreAllMocks());

function printed(method: string): string {
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk: string | Uint8Array) => {
    written += chunk;
    return true;
  });
  const reply = { success: 0, msg: 'ok', result: [{ name: 'esx1' }] } as const;
  printReply(reply, { method, vsphereHost: 'vc1', properties: 'name,parent', json: false, verbose: true });
  return written;
}

it('a table of a poll has a column for a property that was asked for and no object has', () => {
  expect(printed('host.discover')).toBe('name  parent\nesx1  -\n');
});

it('a method that reads no properties has no column for what was asked for in vain', () => {
  expect(printed('host.perf.metric.info')).toBe('name\nesx1\n');
});
