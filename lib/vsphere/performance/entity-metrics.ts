import { type VsphereFaultError, VsphereReplyError } from '../errors.ts';
import { integerOf } from '../property/value-fields.ts';
import type { MoRef } from '../soap/moref.ts';
import type { PerfMetricId } from './perf-provider.ts';

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
   * made of those of its hosts and virtual machines; `refused`: vSphere answered with another fault, to a call for the
   * entity alone or, after too many such calls, for it and others.
   */
  readonly missing: 'no-data' | 'vanished' | 'restricted' | 'refused' | undefined;
  /** Of one that is `refused`. */
  readonly fault?: VsphereFaultError;
  /** Of one of which only these are `refused`; its others come apart from that. */
  readonly metrics?: readonly PerfMetricId[];
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

/** A PerfEntityMetricCSV as its texts. */
export interface CsvMetrics {
  readonly entity: MoRef | undefined;
  /** `interval,time,interval,time,…` for all series. */
  readonly sampleInfo: string | undefined;
  readonly series: readonly CsvSeries[];
}

export interface CsvSeries {
  readonly counterId: string | undefined;
  readonly instance: string | undefined;
  /** `value,value,…` */
  readonly values: string | undefined;
}

/**
 * What one entity answered. vCenter is known to send series with missing values (telegraf: "we've seen
 * corrupted data coming back with missing values"); which of them is missing cannot be told, so such a series is left out,
 * and the others stay. So are those with more than `maxSamples` values each, and those beyond `MAX_VALUES` in all.
 */
export function toEntityMetrics(
  { entity, sampleInfo = '', series: written }: CsvMetrics,
  { maxSamples }: { readonly maxSamples: number },
): EntityMetrics {
  if (entity === undefined || entity.value === '') throw unreadable('an answer names no entity');
  const intervals = toIntervals(sampleInfo, maxSamples);
  const series: MetricSeries[] = [];
  let spoilt = 0;
  let values = 0;
  for (const one of written) {
    const read = values < MAX_VALUES ? toSeries(one, intervals) : undefined;
    if (read === undefined) spoilt += 1;
    else series.push(read);
    values += read?.samples.length ?? 0;
  }
  return { entity, series, missing: undefined, ...(spoilt === 0 ? {} : { spoilt }) };
}

/** Of one entity. A year of days of a host with 500 instances has fewer; 16 MiB of text could hold eight million. */
const MAX_VALUES = 200_000;

type Interval = Omit<MetricSample, 'value'>;

/** Undefined when its times are no times, or more than `max`. */
function toIntervals(sampleInfo: string, max: number): readonly Interval[] | undefined {
  const words = toWords(sampleInfo, 2 * max);
  if (words.length > 2 * max) return undefined;
  const intervals = Array.from({ length: Math.ceil(words.length / 2) }, (_, index) => ({
    intervalSeconds: Number(words[2 * index]),
    time: Date.parse(words[2 * index + 1] ?? ''),
  }));
  const areNone = intervals.some((one) => Number.isNaN(one.intervalSeconds) || Number.isNaN(one.time));
  return areNone ? undefined : intervals;
}

/** Undefined for one that cannot be read. */
function toSeries(
  { counterId: id, instance = '', values = '' }: CsvSeries,
  intervals: readonly Interval[] | undefined,
): MetricSeries | undefined {
  const counterId = integerOf(id);
  if (counterId === undefined) return undefined;
  const samples = toSamples(values, intervals);
  return samples && { counterId, instance, samples };
}

/** Undefined for those that cannot be read. */
function toSamples(
  csv: string,
  intervals: readonly Interval[] | undefined,
): readonly MetricSample[] | undefined {
  if (csv === '') return NO_SAMPLES;
  if (intervals?.length === 1) return toOne(csv, intervals[0] as Interval);
  const words = toWords(csv, intervals?.length ?? 0);
  if (words.length !== intervals?.length) return undefined;
  const samples: MetricSample[] = [];
  for (const [index, interval] of intervals.entries()) {
    const sample = toSample(words[index] as string, interval);
    if (sample === undefined) return undefined;
    samples.push(sample);
  }
  // vCenter sends the oldest first, vcsim the newest.
  if (samples.length > 1) samples.sort((one, other) => one.time - other.time);
  return samples;
}

const NO_SAMPLES: readonly MetricSample[] = [];

/** As nearly every series of a sweep is: a text with a comma in it is no number. */
function toOne(csv: string, interval: Interval): readonly MetricSample[] | undefined {
  const sample = toSample(csv, interval);
  return sample && [sample];
}

function toSample(word: string, { time, intervalSeconds }: Interval): MetricSample | undefined {
  const value = toNumber(word);
  return value === undefined ? undefined : { time, intervalSeconds, value: value === -1 ? undefined : value };
}

function toNumber(word: string): number | undefined {
  const number = Number(word);
  return Number.isFinite(number) && word.trim() !== '' ? number : undefined;
}

/** One more than `max` at most, which says that there are more: 16 MiB of commas are as many words. */
function toWords(csv: string, max: number): readonly string[] {
  return csv === '' ? [] : csv.split(',', max + 1);
}

function unreadable(why: string): VsphereReplyError {
  return new VsphereReplyError(`the answer to QueryPerf cannot be read: ${why}`, { code: 'malformed' });
}
