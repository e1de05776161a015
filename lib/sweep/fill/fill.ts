import { COUNTERS } from '../../catalogue/sources/counter.ts';
import { needsOf } from '../../collectors/needs.ts';
import type { KindName } from '../../inventory/kind.ts';
import { messageOf } from '../../platform/errors.ts';
import { ONLY_NEWEST } from '../../readers/reader.ts';
import type { Sink } from '../../sinks/sink.ts';
import type { FillStore, StoredFill } from '../../state/stores/fills.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import type { ItemsToRead } from '../plan/items-to-read.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { KEPT_MS } from './plan-fill.ts';
import { type Progress, progressOf, startOf } from './progress.ts';

/** A sink that takes times, and how far it has the samples of a sweep on a target. */
export interface FilledSink {
  readonly sink: Sink & Required<Pick<Sink, 'timed'>>;
  readonly over: StoredFill | undefined;
  readonly progress: Progress;
}

/** What a run knows of the samples that its sinks have. */
export interface Fill {
  readonly sinks: readonly FilledSink[];
  /** Why others get no samples of counters in this run. */
  readonly problems: readonly string[];
}

export interface FillDeps {
  readonly sinks: readonly Sink[];
  readonly fills: FillStore;
}

/**
 * Reads how far each sink has come. Undefined where the sweep wants the newest samples alone, or no sink takes times. A sink of
 * which that cannot be read gets no sample with a time in this run: it may have it. Never rejects.
 */
export async function readFill(
  { sweep, target }: Pick<TargetOrder, 'sweep' | 'target'>,
  { sinks, fills }: FillDeps,
  options: { signal: AbortSignal },
): Promise<Fill | undefined> {
  const timed = sinks.filter((sink): sink is FilledSink['sink'] => sink.timed !== undefined);
  if (sweep.samples !== 'all' || timed.length === 0) return undefined;
  const found = await Promise.all(
    timed.map(async (sink): Promise<FilledSink | string> => {
      try {
        const over = await fills.read({ sweep: sweep.name, target: target.name, sink: sink.name }, options);
        return { sink, over, progress: progressOf(over) };
      } catch (error) {
        return `${sink.name}: gets no samples of counters in this run, because its progress cannot be read; the next run fills them in: ${messageOf(error)}`;
      }
    }),
  );
  const readable = found.filter((one) => typeof one !== 'string');
  const damaged = readable.flatMap(({ sink, over }) =>
    over?.damage === undefined
      ? []
      : [
          `${sink.name}: nothing is filled in by this run, which begins anew with the newest samples of counters, because its progress is damaged, which this run mends: ${over.damage}`,
        ],
  );
  return { sinks: readable, problems: [...damaged, ...found.filter((one) => typeof one === 'string')] };
}

/** What one run reads of a target at most, with room below what results may hold together. */
const MAX_SAMPLES = 1_200_000;
/** What one batch reads: some megabytes, of which a compressed answer has a few hundred kilobytes. */
const MAX_BATCH_SAMPLES = 250_000;
const SAMPLE_MS = 20_000;

/**
 * Items to read with what has to be read so that every sink gets all that it lacks: of each object since the sink that has
 * least of it, as far back as vSphere and the sink go, and as much as a run can hold; of `cut` objects that is less. Pure.
 */
export function withSamples(
  wanted: readonly ItemsToRead[],
  fill: Fill | undefined,
  { sweep, now }: { readonly sweep: TargetOrder['sweep']; readonly now: number },
): { readonly wanted: readonly ItemsToRead[]; readonly cut: number } {
  if (fill === undefined) return { wanted, cut: 0 };
  const rows = rowsByKind(sweep);
  const seen = Math.max(0, ...fill.sinks.map(({ progress }) => progress.series ?? 0));
  const seriesOf = (kind: KindName) => Math.max(rows.get(kind) ?? 0, seen);
  const counted = wanted.filter(({ kind }) => rows.has(kind));
  const series = counted.reduce((sum, { kind, items }) => sum + items.length * seriesOf(kind), 0);
  const floor = now - Math.max(1, Math.floor(MAX_SAMPLES / Math.max(1, series))) * SAMPLE_MS;
  let cut = 0;
  const withSince = (one: ItemsToRead): ItemsToRead => {
    if (!rows.has(one.kind)) return one;
    const since = new Map<string, number>();
    let samples = 0;
    for (const [, moref] of one.items) {
      const start = startOfAll(fill, moref, now);
      if (start < floor) cut += 1;
      const from = Math.floor(Math.max(start, floor));
      since.set(moref, from);
      samples += Math.max(1, (now - from) / SAMPLE_MS) * seriesOf(one.kind);
    }
    const batches = Math.max(1, Math.ceil(samples / MAX_BATCH_SAMPLES));
    return { ...one, since, slice: Math.max(1, Math.ceil(one.items.length / batches)) };
  };
  return { wanted: wanted.map(withSince), cut };
}

/** For the operator. */
export const sayCut = (objects: number): readonly string[] =>
  objects === 0
    ? []
    : [
        `${objects} objects have more samples since their last delivery than a run can hold (${MAX_SAMPLES.toLocaleString('en')} of a target): the oldest are left out. If every run says so, let the sweep run more often, or split its collectors among several sweeps`,
      ];

/** How many real-time counters a sweep has of an object of each kind. */
function rowsByKind(sweep: TargetOrder['sweep']): ReadonlyMap<KindName, number> {
  const needs = needsOf(collectorsOf(sweep)).filter(({ reader }) => reader === COUNTERS);
  return new Map(needs.map(({ kind, needs: ofKind }) => [kind, ofKind.length]));
}

function startOfAll({ sinks }: Fill, moref: string, now: number): number {
  return sinks.reduce((earliest, { sink, progress }) => {
    const start = startOf(progress, moref);
    if (start === ONLY_NEWEST) return earliest;
    return Math.min(earliest, Math.max(start, now - sink.timed.maxAgeMs, now - KEPT_MS));
  }, ONLY_NEWEST);
}
