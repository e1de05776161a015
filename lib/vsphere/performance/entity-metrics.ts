import { VsphereReplyError } from '../errors.ts';
import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, listOf, moRefOf, textOf } from '../property/value-fields.ts';
import { type PerfMetricId, toPerfMetricId } from './perf-provider.ts';

/** What one entity answered to a query. */
export interface EntityMetrics {
  readonly entity: MoRef;
  /** Those that came; a metric of which the entity has nothing is not among them, or has no samples. */
  readonly series: readonly MetricSeries[];
  /**
   * Why nothing came. `no-data`: vSphere answered without the entity; `vanished`: the entity is no longer there;
   * `restricted`: vCenter's limit forbids even one metric of it, as it can for a large cluster, whose statistics are
   * made of those of its hosts and virtual machines.
   */
  readonly missing: 'no-data' | 'vanished' | 'restricted' | undefined;
}

export interface MetricSeries extends PerfMetricId {
  /** Oldest first. */
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  /** End of the interval, in milliseconds since the epoch. */
  readonly time: number;
  readonly intervalSeconds: number;
  /**
   * As vSphere counts: percent in hundredths, memory in KiB, rates per second already. Undefined where it has no
   * value for that interval (it writes -1).
   */
  readonly value: number | undefined;
}

/** A PerfEntityMetricCSV: `interval,time,interval,time,…` once, and `value,value,…` for each metric. */
export function toEntityMetrics(answer: PropertyValue): EntityMetrics {
  const entity = moRefOf(fieldOf(answer, 'entity'));
  if (entity === undefined) throw unreadable('an answer names no entity');
  const intervals = toIntervals(textOf(fieldOf(answer, 'sampleInfoCSV')) ?? '');
  const series = listOf(fieldOf(answer, 'value')).map((one) => toSeries(one, intervals));
  return { entity, series, missing: undefined };
}

type Interval = Omit<MetricSample, 'value'>;

function toIntervals(sampleInfo: string): readonly Interval[] {
  const words = toWords(sampleInfo);
  return Array.from({ length: Math.ceil(words.length / 2) }, (_, index) => {
    const intervalSeconds = Number(words[2 * index]);
    const time = Date.parse(words[2 * index + 1] ?? '');
    if (Number.isNaN(intervalSeconds) || Number.isNaN(time)) throw unreadable('its times are no times');
    return { intervalSeconds, time };
  });
}

function toSeries(value: PropertyValue, intervals: readonly Interval[]): MetricSeries {
  const id = toPerfMetricId(fieldOf(value, 'id'));
  if (id === undefined) throw unreadable('a series names no counter');
  const numbers = toWords(textOf(fieldOf(value, 'value')) ?? '').map(toNumber);
  if (numbers.length > 0 && numbers.length !== intervals.length) {
    throw unreadable(`${numbers.length} values stand for ${intervals.length} times`);
  }
  const samples = intervals
    .slice(0, numbers.length)
    .map((interval, index) => ({ ...interval, value: numbers[index] }));
  // vCenter sends the oldest first, vcsim the newest.
  return { ...id, samples: samples.sort((a, b) => a.time - b.time) };
}

function toNumber(word: string): number | undefined {
  const value = Number(word);
  if (word.trim() === '' || Number.isNaN(value)) throw unreadable('a value is no number');
  return value === -1 ? undefined : value;
}

function toWords(csv: string): readonly string[] {
  return csv === '' ? [] : csv.split(',');
}

function unreadable(why: string): VsphereReplyError {
  return new VsphereReplyError(`the answer to QueryPerf cannot be read: ${why}`, { code: 'malformed' });
}
