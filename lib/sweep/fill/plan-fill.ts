import type { FillPlan, FillStep } from '../../state/stores/fills.ts';
import type { Cursor, Progress } from './progress.ts';
import type { ItemTimes } from './timed-samples.ts';

/** Clocks of hosts may be ahead of ours by so much; receivers refuse what is ten minutes ahead. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** What vSphere keeps. The cursor of an object that is listed no more is of no use afterwards. */
export const KEPT_MS = 60 * 60_000;

export interface FillLimits {
  /** Of this process, in milliseconds since the epoch. */
  readonly now: number;
  /** How old a sample the sink takes. */
  readonly maxAgeMs: number;
  /** Of a batch; one object of one time may have more. */
  readonly maxSamples: number;
  isListed(moref: string): boolean;
}

export interface PlannedFill {
  readonly plan: FillPlan;
  /** Samples that are in no batch: `old` for the sink, or `ahead` of this clock. */
  readonly left: { readonly old: number; readonly ahead: number };
}

/** Times of one object that are to be sent, oldest first, each with its samples. */
interface Span {
  readonly moref: string;
  /** Before the first of them. */
  readonly from: number;
  readonly times: readonly (readonly [time: number, samples: number])[];
}

/**
 * What is sent to a sink, in which order: first what may have been sent already, in batches of its own, because a
 * destination that has it refuses it; then what is new, object by object, each from the oldest sample on. Pure.
 */
export function planFill(
  items: ReadonlyMap<string, ItemTimes>,
  progress: Progress,
  limits: FillLimits,
): PlannedFill {
  const again: Span[] = [];
  const fresh: Span[] = [];
  const left = { old: 0, ahead: 0 };
  const kept: FillStep[] = [];
  for (const moref of [...items.keys()].sort()) {
    const known = progress.cursors.get(moref);
    const all = inOrder(items.get(moref) as ItemTimes);
    const cursor = known ?? beginning(progress, all);
    const sure = cursor.maybe ?? cursor.from;
    const times = allowed(all, sure, limits, left);
    // Of what is too old for the sink no later run need think again.
    const floor = limits.now - limits.maxAgeMs - 1;
    const twice = span(moref, Math.max(cursor.from, floor), times, (time) => time <= sure);
    const next = span(moref, Math.max(sure, floor), times);
    again.push(...twice);
    fresh.push(...next);
    if (known !== undefined && twice.length + next.length === 0)
      kept.push({ moref, from: cursor.from, to: sure });
  }
  const floor = (progress.newest ?? 0) - KEPT_MS;
  for (const [moref, { from, maybe = from }] of progress.cursors)
    if (!items.has(moref) && (from >= floor || limits.isListed(moref))) kept.push({ moref, from, to: maybe });
  const first = toBatches(again, limits);
  const batches = [...first, ...toBatches(fresh, limits)];
  return {
    left,
    plan: {
      batches,
      again: first.length,
      kept,
      newest: newestOf(batches, progress, limits),
      series: seriesOf(items) ?? progress.series ?? 0,
    },
  };
}

/** An object that is new begins after what the others had; before the first run everything but the newest sample is old. */
function beginning({ newest }: Progress, times: Span['times']): Cursor {
  return { from: newest ?? Math.max(0, (times.at(-1)?.[0] ?? 0) - 1) };
}

const inOrder = (times: ItemTimes): Span['times'] => [...times].sort(([one], [other]) => one - other);

/** Those that the sink takes; what it has already, up to `sure`, is not counted as left. */
function allowed(
  times: Span['times'],
  sure: number,
  { now, maxAgeMs }: FillLimits,
  left: { old: number; ahead: number },
): Span['times'] {
  return times.filter(([time, samples]) => {
    const why = time < now - maxAgeMs ? 'old' : time > now + MAX_AHEAD_MS ? 'ahead' : undefined;
    if (why !== undefined && time > sure) left[why] += samples;
    return why === undefined;
  });
}

function span(
  moref: string,
  from: number,
  all: Span['times'],
  isWanted: (time: number) => boolean = () => true,
): readonly Span[] {
  const times = all.filter(([time]) => time > from && isWanted(time));
  return times.length === 0 ? [] : [{ moref, from, times }];
}

/** An object with more samples than a batch may have goes on in the next ones, from time to time. */
function toBatches(spans: readonly Span[], { maxSamples }: FillLimits): FillStep[][] {
  const batches: FillStep[][] = [];
  let room = 0;
  for (const { moref, from, times } of spans) {
    let start = from;
    let isOpen = false;
    for (const [time, samples] of times) {
      const batch = batches.at(-1);
      const step = batch?.at(-1);
      if (batch !== undefined && samples <= room) {
        if (isOpen && step !== undefined) batch[batch.length - 1] = { ...step, to: time };
        else batch.push({ moref, from: start, to: time });
        room -= samples;
      } else {
        batches.push([{ moref, from: start, to: time }]);
        room = maxSamples - samples;
      }
      isOpen = true;
      start = time;
    }
  }
  return batches;
}

/** No later than now: an object that is new shall not lose what another one's clock is ahead. */
function newestOf(batches: readonly FillStep[][], { newest = 0 }: Progress, { now }: FillLimits): number {
  let found = newest;
  for (const batch of batches) for (const { to } of batch) found = Math.max(found, Math.min(to, now));
  return found;
}

function seriesOf(items: ReadonlyMap<string, ItemTimes>): number | undefined {
  let times = 0;
  let samples = 0;
  for (const counts of items.values()) {
    times += counts.size;
    for (const count of counts.values()) samples += count;
  }
  return times === 0 ? undefined : samples / times;
}
