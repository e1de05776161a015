import type { CounterReading, InstanceValue } from '../catalogue/sources/counter.ts';
import type { EntityMetrics } from '../vsphere/performance/entity-metrics.ts';
import { queryPerf } from '../vsphere/performance/query-perf.ts';
import type { RetrievalSession } from '../vsphere/property/retrieval.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';
import { type AskedCounters, problemsOf, wholeEntities } from './counter-readings.ts';
import { ONLY_NEWEST } from './reader.ts';

/** An entity, and since when all its samples are wanted (epoch ms, by the clock of vSphere). */
interface Wanted {
  readonly entity: MoRef;
  readonly sinceMs: number;
}

const SAMPLE_MS = 20_000;
/** An hour: what vSphere keeps. */
const KEPT_SAMPLES = 180;
/** How many are asked for at once: few different numbers, so that a call has many entities. */
const STEPS = [1, 4, 12, 24, 48, 96, KEPT_SAMPLES] as const;
/** Samples come some seconds late, and clocks differ. */
const MORE_SAMPLES = 3;

/**
 * All real-time samples of each counter since a time, oldest first, and the newest one in any case. The newest n are asked
 * for, n by this clock, because a time in the request would be compared with the clock of a host, which may be off. Where
 * the answer does not reach back to that time, and has all n, the clocks differ by more than a minute: then the whole hour is
 * asked for.
 */
export async function* readAllSamples(
  wanted: readonly Wanted[],
  asked: AskedCounters,
  options: { readonly connection: RetrievalSession; readonly now: number; readonly signal: AbortSignal },
): AsyncGenerator<readonly [moref: string, reading: CounterReading]> {
  const bySize = Map.groupBy(wanted, ({ sinceMs }) => samplesSince(sinceMs, options.now));
  const again: Wanted[] = [];
  for (const [size, some] of bySize) {
    for await (const [one, parts] of answersOf(some, size, asked, options)) {
      if (size < KEPT_SAMPLES && isCutShort(parts, one.sinceMs, size)) again.push(one);
      else yield toReading(one, parts, asked);
    }
  }
  for await (const [one, parts] of answersOf(again, KEPT_SAMPLES, asked, options))
    yield toReading(one, parts, asked);
}

/** Nothing is missed before a time ahead: one sample is enough. */
function samplesSince(sinceMs: number, now: number): number {
  if (sinceMs === ONLY_NEWEST) return 1;
  const samples = Math.ceil((now - sinceMs) / SAMPLE_MS) + MORE_SAMPLES;
  return STEPS.find((step) => step >= Math.max(MORE_SAMPLES, samples)) ?? KEPT_SAMPLES;
}

async function* answersOf(
  wanted: readonly Wanted[],
  maxSamples: number,
  { metrics }: AskedCounters,
  { connection, signal }: { readonly connection: RetrievalSession; readonly signal: AbortSignal },
): AsyncGenerator<readonly [Wanted, readonly EntityMetrics[]]> {
  const byId = new Map(wanted.map((one) => [one.entity.value, one]));
  const entities = wanted.map(({ entity }) => entity);
  const query = { kind: 'realtime', entities, metrics, maxSamples } as const;
  for await (const [moref, parts] of wholeEntities(queryPerf(connection, query, { signal }))) {
    const one = byId.get(moref);
    if (one !== undefined) yield [one, parts];
  }
}

/** Whether there may be samples between that time and the oldest ones that came. */
const isCutShort = (parts: readonly EntityMetrics[], sinceMs: number, size: number): boolean =>
  parts.some(({ series }) =>
    series.some(
      ({ samples }) => samples.length >= size && (samples[0]?.time ?? sinceMs) > sinceMs + SAMPLE_MS,
    ),
  );

function toReading(
  { entity, sinceMs }: Wanted,
  parts: readonly EntityMetrics[],
  { names, unknown }: AskedCounters,
): readonly [moref: string, reading: CounterReading] {
  const upTo = commonEnd(parts);
  const values = new Map<string, InstanceValue[]>();
  for (const { counterId, instance, samples } of parts.flatMap((part) => part.series)) {
    const name = names.get(counterId);
    if (name === undefined) continue;
    const list = values.get(name) ?? [];
    const there = samples.filter(({ value, time }) => value !== undefined && time > 0 && time <= upTo);
    // -1 where none is after it: then the newest one.
    const first = there.findIndex(({ time }) => time > sinceMs);
    for (const { value, time } of there.slice(first))
      list.push({ instance, value: value as number, timeMs: Math.round(time) });
    if (list.length > 0) values.set(name, list);
  }
  const problems = [...new Set(parts.flatMap((part) => problemsOf(part, names)))];
  return [entity.value, { values, unknown, ...(problems.length === 0 ? {} : { problems }) }];
}

/**
 * The newest time that all answers for an entity have. Its counters take several calls where one of them is refused: what only
 * the later ones have comes with the next run, or the others would seem to be delivered up to then.
 */
function commonEnd(parts: readonly EntityMetrics[]): number {
  // All series of one answer have the same times.
  const ends = parts.flatMap(
    ({ series }) => series.find(({ samples }) => samples.length > 0)?.samples.at(-1)?.time ?? [],
  );
  return Math.min(...ends);
}
