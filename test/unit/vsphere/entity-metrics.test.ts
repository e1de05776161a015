import { describe, expect, it } from 'vitest';
import { toEntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import type { XmlElement } from '../../../lib/vsphere/soap/soap-reader.ts';

const ENTITY = { type: 'HostSystem', value: 'host-1' };
const TIMES = '20,2026-01-01T00:00:20Z,20,2026-01-01T00:00:40Z';
const AT = Date.UTC(2026, 0, 1);

const element = (name: string, content: string | XmlElement[], referenceType?: string): XmlElement => ({
  name,
  type: undefined,
  referenceType,
  text: typeof content === 'string' ? content : '',
  children: typeof content === 'string' ? [] : content,
});
const answer = (sampleInfoCSV: string, ...values: XmlElement[]): XmlElement =>
  element('returnval', [
    element('entity', ENTITY.value, ENTITY.type),
    element('sampleInfoCSV', sampleInfoCSV),
    ...values,
  ]);
const series = (value: string, instance = ''): XmlElement =>
  element('value', [
    element('id', [element('counterId', '2'), element('instance', instance)]),
    element('value', value),
  ]);
const samplesOf = (sampleInfoCSV: string, value: string) =>
  toEntityMetrics(answer(sampleInfoCSV, series(value))).series[0]?.samples;

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
    const { series: found } = toEntityMetrics(answer(TIMES, ...both));
    expect(found.map(({ instance, samples }) => [instance, samples.length])).toEqual([
      ['', 2],
      ['vmnic0', 2],
    ]);
  });

  it('takes an entity without series, and a series without values', () => {
    const empty = element('returnval', [element('entity', ENTITY.value, ENTITY.type)]);
    expect(toEntityMetrics(empty)).toEqual({ entity: ENTITY, series: [], missing: undefined });
    expect(samplesOf(TIMES, '')).toEqual([]);
    expect(samplesOf('', '')).toEqual([]);
  });

  it.each([
    ['fewer values than times', TIMES, '1'],
    ['more values than times', TIMES, '1,2,3'],
    ['a value that is no number', TIMES, '1,x'],
    ['a value without an end', TIMES, '1,Infinity'],
    ['an empty value', TIMES, '1,'],
  ])('leaves out a series with %s, says so, and keeps the others', (_, times, values) => {
    const value = [series('1,2', 'a'), series(values, 'b'), series('3,4', 'c')];
    const found = toEntityMetrics(answer(times, ...value));
    expect(found.series.map(({ instance }) => instance)).toEqual(['a', 'c']);
    expect(found.spoilt).toBe(1);
  });

  it.each([
    ['a time that is none', '20,yesterday,20,2026-01-01T00:00:40Z', '1,2'],
    ['an interval without a time', '20', '1'],
  ])('leaves out all series that have values with %s', (_, sampleInfoCSV, values) => {
    const found = toEntityMetrics(answer(sampleInfoCSV, series(values), series('', 'a')));
    expect(found).toMatchObject({ series: [{ instance: 'a', samples: [] }], spoilt: 1 });
  });

  it('leaves out a series that names no counter', () => {
    const nameless = element('value', [element('value', '1,2')]);
    const found = toEntityMetrics(answer(TIMES, nameless, series('1,2')));
    expect(found).toMatchObject({ series: [{ counterId: 2 }], spoilt: 1 });
  });

  it('is an error without an entity', () => {
    expect(() => toEntityMetrics(element('returnval', [element('sampleInfoCSV', TIMES)]))).toThrow(
      'the answer to QueryPerf cannot be read: an answer names no entity',
    );
  });
});
