import { expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { tell } from '../../../lib/sweep/run/progress.ts';

it('a watcher that throws costs nothing, and the log says so', () => {
  const lines: unknown[] = [];
  const log = { ...silentLog, debug: (text: string, fields?: object) => void lines.push([text, fields]) };
  const seen: unknown[] = [];
  const progress = { target: 'vc01', done: 1, hosts: 2 };
  tell(progress, { log, onProgress: (one) => void seen.push(one) });
  expect([seen, lines]).toEqual([[progress], []]);
  const onProgress = () => {
    throw new Error('the terminal is gone');
  };
  tell(progress, { log, onProgress });
  expect(lines).toEqual([
    ['the progress could not be shown', { target: 'vc01', error: 'the terminal is gone' }],
  ]);
});
