import { type VsphereFaultError, VsphereReplyError } from '../errors.ts';
import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, listOf, moRefOf, textOf } from '../property/value-fields.ts';
import { type PerfMetricId, toPerfMetricId } from './perf-provider.ts';

/** What one entity answered to a query. */
export interface EntityMetrics {
  readonly entity: MoRef;
  /** Those that came; a metric of which the entity has nothing is not among them, or has no samples. */
  readonly series: readonly MetricSeries[];
  /** So many series were left out, because they cannot be read; absent where there was none. */
  readonly spoilt?: number;
  /**
   * Why nothing came. `no-data`: vSphere answered without the entity; `vanished`: the entity is no longer there;
   * `restricted`: vCenter's limit forbids even one metric of it, as it can for a large cluster, whose statistics are
   * made of those of its hosts and virtual machines; `refused`: vSphere answered with another fault, also to a call for
   * the entity alone.
   */
  readonly missing: 'no-data' | 'vanished' | 'restricted' | 'refused' | undefined;
  /** Of one that is `refused`. */
  readonly fault?: VsphereFaultError;
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

/**
 * A PerfEntityMetricCSV: `interval,time,interval,time,…` once, and `value,value,…` for each metric. vCenter is known to
 * send series with missing values (telegraf: "we've seen corrupted data coming back with missing values"); which of them
 * is missing cannot be told, so such a series is left out, and the others stay.
 */
export function toEntityMetrics(answer: PropertyValue): EntityMetrics {
  const entity = moRefOf(fieldOf(answer, 'entity'));
  if (entity === undefined) throw unreadable('an answer names no entity');
  const intervals = toIntervals(textOf(fieldOf(answer, 'sampleInfoCSV')) ?? '');
  const answered = listOf(fieldOf(answer, 'value'));
  const series = answered.flatMap((one) => toSeries(one, intervals) ?? []);
  const spoilt = answered.length - series.length;
  return { entity, series, missing: undefined, ...(spoilt === 0 ? {} : { spoilt }) };
}

type Interval = Omit<MetricSample, 'value'>;

/** Undefined when its times are no times. */
function toIntervals(sampleInfo: string): readonly Interval[] | undefined {
  const words = toWords(sampleInfo);
  const intervals = Array.from({ length: Math.ceil(words.length / 2) }, (_, index) => ({
    intervalSeconds: Number(words[2 * index]),
    time: Date.parse(words[2 * index + 1] ?? ''),
  }));
  const areNone = intervals.some((one) => Number.isNaN(one.intervalSeconds) || Number.isNaN(one.time));
  return areNone ? undefined : intervals;
}

/** Undefined for one that cannot be read. */
function toSeries(
  value: PropertyValue,
  intervals: readonly Interval[] | undefined,
): MetricSeries | undefined {
  const id = toPerfMetricId(fieldOf(value, 'id'));
  const words = toWords(textOf(fieldOf(value, 'value')) ?? '');
  if (id === undefined) return undefined;
  if (words.length === 0) return { ...id, samples: [] };
  if (words.length !== intervals?.length || !words.every(isNumber)) return undefined;
  const samples = intervals.map((interval, index) => ({ ...interval, value: toValue(Number(words[index])) }));
  // vCenter sends the oldest first, vcsim the newest.
  return { ...id, samples: samples.sort((a, b) => a.time - b.time) };
}

const isNumber = (word: string): boolean => word.trim() !== '' && Number.isFinite(Number(word));

const toValue = (value: number): number | undefined => (value === -1 ? undefined : value);

function toWords(csv: string): readonly string[] {
  return csv === '' ? [] : csv.split(',');
}

function unreadable(why: string): VsphereReplyError {
  return new VsphereReplyError(`the answer to QueryPerf cannot be read: ${why}`, { code: 'malformed' });
}
