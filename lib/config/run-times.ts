/**
 * The time that a run has, all in milliseconds since the epoch (design: "Time").
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
}

/**
 * How much later collectEnd and runEnd may be for a process that was stalled: workers of this process that were stalled
 * with it still write what became of their logins. A result that comes back no more is a possible refusal of each host.
 * In all. It may be past leaseEnd, as a long stall is anyway; then another run may have started.
 */
export const STALLED_RUN_MS = 10_000;

const WORKER_MARGIN_MS = 2_000;

/**
 * `remainingMs` is what Lambda leaves of the invocation; without it only the interval bounds the run. The worker's
 * margin shrinks with very short runs, so that the order above always holds.
 */
export function planRunTimes(options: { start: number; everyMs: number; remainingMs?: number }): RunTimes {
  const { start, everyMs, remainingMs = Number.POSITIVE_INFINITY } = options;
  const runMs = Math.max(1_000, Math.min(everyMs - Math.min(5_000, 0.1 * everyMs), remainingMs - 3_000));
  const collectMs = runMs - Math.min(Math.max(10_000, 0.2 * runMs), 0.3 * runMs);
  const runEnd = start + runMs;
  return {
    start,
    listEnd: start + collectMs / 3,
    workerEnd: start + collectMs - Math.min(WORKER_MARGIN_MS, 0.2 * collectMs),
    collectEnd: start + collectMs,
    runEnd,
    leaseEnd: runEnd + Math.min(3_000, Math.max(0, start + everyMs - runEnd) / 2),
  };
}
