import { describe, expect, it } from 'vitest';
import { toEntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';

const ENTITY = { type: 'HostSystem', value: 'host-1' };
const TIMES = '20,2026-01-01T00:00:20Z,20,2026-01-01T00:00:40Z';
const AT = Date.UTC(2026, 0, 1);

const series = (value: string, instance = '') => ({ id: { counterId: '2', instance }, value });
const samplesOf = (sampleInfoCSV: string, value: string) =>
  toEntityMetrics({ entity: ENTITY, sampleInfoCSV, value: series(value) }).series[0]?.samples;

describe('toEntityMetrics', () => {
  it('puts each value to its time, and has none where vSphere writes -1', () => {
    expect(samplesOf(TIMES, '1200,-1')).toEqual([
      { time: AT + 20_000, intervalSeconds: 20, value: 1_200 },
      { time: AT + 40_000, intervalSeconds: 20, value: undefined },
    ]);
  });

  it('orders the newest last, whichever way it came', () => {
    const backwards = '20,2026-01-01T00:00:40Z,20,2026-01-01T00:00:20Z';
    expect(samplesOf(backwards, '2,1')?.map(({ value }) => value)).toEqual([1, 2]);
  });

  it('keeps the instances apart', () => {
    const both = [series('1,2', ''), series('3,4', 'vmnic0')];
    const { series: found } = toEntityMetrics({ entity: ENTITY, sampleInfoCSV: TIMES, value: both });
    expect(found.map(({ instance, samples }) => [instance, samples.length])).toEqual([
      ['', 2],
      ['vmnic0', 2],
    ]);
  });

  it('takes an entity without series, and a series without values', () => {
    expect(toEntityMetrics({ entity: ENTITY })).toEqual({ entity: ENTITY, series: [], missing: undefined });
    expect(samplesOf(TIMES, '')).toEqual([]);
    expect(samplesOf('', '')).toEqual([]);
  });

  it.each([
    ['fewer values than times', TIMES, '1', '1 values stand for 2 times'],
    ['more values than times', TIMES, '1,2,3', '3 values stand for 2 times'],
    ['a value that is no number', TIMES, '1,x', 'a value is no number'],
    ['an empty value', TIMES, '1,', 'a value is no number'],
    ['a time that is none', '20,yesterday,20,2026-01-01T00:00:40Z', '1,2', 'its times are no times'],
    ['an interval without a time', '20', '1', 'its times are no times'],
  ])('is an error with %s', (_, times, values, why) => {
    expect(() => samplesOf(times, values)).toThrow(`the answer to QueryPerf cannot be read: ${why}`);
  });

  it('is an error without an entity or a counter', () => {
    expect(() => toEntityMetrics({ sampleInfoCSV: TIMES })).toThrow('names no entity');
    expect(() => toEntityMetrics({ entity: ENTITY, value: { value: '1' } })).toThrow('names no counter');
  });
});
