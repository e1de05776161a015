import { ONLY_NEWEST } from '../../readers/reader.ts';
import type { FillStep, StoredFill } from '../../state/stores/fills.ts';

/** How far a sink has the samples of one object: up to `from` surely, and up to `maybe` perhaps. */
export interface Cursor {
  readonly from: number;
  readonly maybe?: number;
}

/** How far one sink has the samples of a sweep on a target. Times are vSphere's, in milliseconds since the epoch. */
export interface Progress {
  readonly cursors: ReadonlyMap<string, Cursor>;
  /** What an object that nobody knows yet begins after; undefined before the first run. */
  readonly newest: number | undefined;
  /** Series of an object, on average; undefined before the first run. */
  readonly series: number | undefined;
}

/**
 * What a plan says, of which `done` batches were taken. Of the batch behind them nobody knows whether it was, because the run
 * may have ended between its delivery and the record of that; nor of those of which nobody knew before. Pure.
 */
export function progressOf(stored: Pick<StoredFill, 'plan' | 'done'> | undefined): Progress {
  if (stored?.plan === undefined) return { cursors: new Map(), newest: undefined, series: undefined };
  const { plan, done } = stored;
  const cursors = new Map<string, Cursor>();
  const open = new Set<string>();
  const put = ({ moref, from, to }: FillStep, isSure: boolean) =>
    cursors.set(moref, isSure || from === to ? { from: to } : { from, maybe: to });
  for (const step of plan.kept) put(step, false);
  for (const [index, batch] of plan.batches.entries())
    for (const step of batch) {
      // Of an object the first step that is not done counts: those behind it were not sent.
      if (open.has(step.moref)) continue;
      if (index >= done) open.add(step.moref);
      if (index <= done || index < plan.again) put(step, index < done);
      else cursors.set(step.moref, { from: step.from });
    }
  return { cursors, newest: plan.newest, series: plan.series };
}

/** Since when a sink lacks samples of an object. Before the first run nothing is filled. */
export function startOf({ cursors, newest }: Progress, moref: string): number {
  return cursors.get(moref)?.from ?? newest ?? ONLY_NEWEST;
}
