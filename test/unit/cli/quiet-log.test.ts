import { expect, it } from 'vitest';
import { quietOnceStopped } from '../../../lib/cli/quiet-log.ts';
import type { Log } from '../../../lib/platform/log.ts';

it('hands on every line until the signal, and none after it', () => {
  const lines: unknown[] = [];
  const note =
    (level: string): Log['warn'] =>
    (...line) =>
      lines.push([level, ...line]);
  const stop = new AbortController();
  const all = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const log = quietOnceStopped(all, stop);
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  for (const level of levels) log[level]('said', { host: 'esx1' });
  expect(lines).toEqual(levels.map((level) => [level, 'said', { host: 'esx1' }]));
  stop.abort();
  for (const level of levels) log[level]('said', {});
  expect(lines).toHaveLength(4);
});
