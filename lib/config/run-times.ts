/**
 * The time that a run has, all but graceMs in milliseconds since the epoch, as its timeline keeps them (design: "Time").
 * start < listEnd < workerEnd < collectEnd < runEnd < leaseEnd.
 */
export interface RunTimes {
  readonly start: number;
  /** Listing stops; then the last host list stands in. */
  readonly listEnd: number;
  /** Workers stop, so that their results arrive before collectEnd. */
  readonly workerEnd: number;
  /** What came in by now is merged and pushed. */
  readonly collectEnd: number;
  /** Merge, state, push and logout are done. */
  readonly runEnd: number;
  /** Another run may start from here on, even if this process died. */
  readonly leaseEnd: number;
  /**
   * How many milliseconds later, in all, listEnd, collectEnd and runEnd may be for a process that was stalled: workers
   * of this process that were stalled with it still write what became of their logins. A result that comes back no more
   * is a possible refusal of each host. The lease goes with runEnd.
   */
  readonly graceMs: number;
}

/** For which a run waits at most for a run of one host, in milliseconds. */
export const MAX_PATIENCE_MS = 60_000;
/** Of the time of listing: the rest is left for it. */
const PATIENCE_SHARE = 3 / 4;
/** Of that patience: the rest is left for clocks that differ, and for looking now and then. */
const POLL_SHARE = 3 / 4;
const MAX_POLL_MS = 30_000;
/** In less a healthy host may not have answered, and a login that is given up counts as a possible refusal. */
export const MIN_POLL_MS = 5_000;

const MAX_GRACE_MS = 10_000;
/** What is left to Lambda's own end. */
const PLATFORM_MARGIN_MS = 3_000;
/** Of it the least that a grace leaves, for the summary. */
const MIN_MARGIN_MS = 1_000;

const WORKER_MARGIN_MS = 2_000;

/**
 * `remainingMs` is what Lambda leaves of the invocation; without it only the interval bounds the run. The worker's
 * margin shrinks with very short runs, so that the order above always holds.
 */
export function planRunTimes(options: { start: number; everyMs: number; remainingMs?: number }): RunTimes {
  const { start, everyMs, remainingMs = Number.POSITIVE_INFINITY } = options;
  const runMs = Math.max(
    1_000,
    Math.min(everyMs - Math.min(5_000, 0.1 * everyMs), remainingMs - PLATFORM_MARGIN_MS),
  );
  const collectMs = runMs - Math.min(Math.max(10_000, 0.2 * runMs), 0.3 * runMs);
  const runEnd = start + runMs;
  return {
    start,
    listEnd: start + collectMs / 3,
    workerEnd: start + collectMs - Math.min(WORKER_MARGIN_MS, 0.2 * collectMs),
    collectEnd: start + collectMs,
    runEnd,
    graceMs: Math.max(0, Math.min(MAX_GRACE_MS, remainingMs - runMs - MIN_MARGIN_MS)),
    leaseEnd: runEnd + Math.min(3_000, Math.max(0, start + everyMs - runEnd) / 2),
  };
}

/** How long a run waits for a run of one host, of so much time until its `listEnd`; milliseconds. */
export const patienceOf = (listMs: number): number => Math.min(MAX_PATIENCE_MS, listMs * PATIENCE_SHARE);

/**
 * How long a poll may have the lease of a sweep, so that no run of it waits in vain, whatever becomes of the poll;
 * milliseconds. Where that is less than MIN_POLL_MS no host is polled.
 */
export function maxPollMs(everyMs: number): number {
  const { start, listEnd } = planRunTimes({ start: 0, everyMs });
  return Math.min(MAX_POLL_MS, patienceOf(listEnd - start) * POLL_SHARE);
}

/**
 * The time of a run of one host, `ms` in all: it pushes nothing, and has no grace, because a run of its sweep relies on
 * the end of its lease. In the same order as those of a run.
 */
export function planTryTimes({ start, ms }: { start: number; ms: number }): RunTimes {
  return {
    start,
    listEnd: start + 0.3 * ms,
    workerEnd: start + 0.75 * ms,
    collectEnd: start + 0.9 * ms,
    runEnd: start + 0.96 * ms,
    leaseEnd: start + ms,
    graceMs: 0,
  };
}
