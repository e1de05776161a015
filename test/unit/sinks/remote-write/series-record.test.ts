import { describe, expect, it } from 'vitest';
import { createLineLog } from '../../../../lib/platform/log.ts';
import { readRecord } from '../../../../lib/sinks/remote-write/series-record.ts';

const { signal } = new AbortController();

describe('the list of series that a run before left', () => {
  const lines: string[] = [];
  const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
  const group = { job: 'j', instance: 'i' };
  const recordsOf = (read: () => Promise<unknown>) => ({ read, write: async () => undefined }) as never;

  it('is what is recorded, or nothing before the first run', async () => {
    const list = { tables: [], metrics: ['x'] };
    expect(await readRecord(group, { records: recordsOf(async () => list), log }, { signal })).toBe(list);
    expect(await readRecord(group, { records: recordsOf(async () => undefined), log }, { signal })).toEqual({
      tables: [],
      metrics: [],
    });
    expect(lines).toEqual([]);
  });

  it('is not known where it cannot be read, which is said once', async () => {
    const away = recordsOf(() => Promise.reject(new Error('away')));
    expect(await readRecord(group, { records: away, log }, { signal })).toBeUndefined();
    expect(lines).toEqual([
      'warn  remote write: the list of series could not be read; those that ended are not marked job="j" instance="i" error="away"',
    ]);
    const over = AbortSignal.abort(new Error('over'));
    await expect(readRecord(group, { records: away, log }, { signal: over })).rejects.toThrow('over');
    expect(lines).toHaveLength(1);
  });
});
