import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { LastRun, UntoldPins } from '../../state/stores/runs.ts';
import type { TargetSummary } from './summary.ts';
import type { CollectedTarget } from './target-result.ts';

/**
 * Keys that were pinned at first contact and that no push has counted: by workers that were lost, by hosts that are
 * asked after the push, and in runs whose push failed. The run after such a one counts them.
 */
export interface PinsOfRun {
  /** Those of earlier runs; they are told together with those of this run. */
  readonly untold: number;
  /** What is to be looked up by the next run, when this one was pushed or not; undefined for nothing. */
  next(run: { pinned: number; isTold: boolean; mayHaveMore: boolean }): UntoldPins | undefined;
}

const HOUR = 3_600_000;
/** The most that the table may take, and the share of the time that the push has. */
const LONGEST_MS = 2_000;
const SHARE = 1 / 4;

/**
 * Looks up what earlier runs did not tell. The table is read only when there may be something: as the last run says;
 * when a run after it was lost; or when no run is known. Never rejects.
 */
export async function lookUpPins(
  of: {
    readonly target: string;
    readonly startedAt: number;
    readonly last: LastRun | undefined;
    readonly lostBefore: CollectedTarget['lostBefore'];
    /** Until the end of the run; the push waits for the answer. */
    readonly leftMs: number;
  },
  {
    hostKeys,
    clock,
    log,
  }: { readonly hostKeys: Pick<HostKeyStore, 'readAll'>; readonly clock: Clock; readonly log: Log },
  options: { signal: AbortSignal },
): Promise<PinsOfRun> {
  const { target, startedAt } = of;
  const looked = whereToLook(of);
  const fresh = { since: startedAt, counted: 0 };
  if (looked === undefined) return { untold: 0, next: (run) => nextOf(run, fresh) };
  try {
    const limit = { ...options, clock, ms: Math.min(LONGEST_MS, of.leftMs * SHARE), what: 'counting pins' };
    const keys = await withTimeLimit(limit, (signal) =>
      untilAborted(hostKeys.readAll({ signal, onMalformed: () => undefined }), signal),
    );
    const pinned = [...keys.values()].filter(
      (key) =>
        key.target === target &&
        key.isAccepted !== true &&
        key.pinnedAt >= looked.since &&
        key.pinnedAt < startedAt,
    );
    return {
      untold: Math.max(0, pinned.length - looked.counted),
      next: (run) => (run.isTold ? nextOf(run, fresh) : looked),
    };
  } catch (error) {
    log.warn('pinned host keys: those of earlier runs could not be counted', {
      target,
      error: messageOf(error),
    });
    const { since, counted } = looked;
    return {
      untold: 0,
      next: ({ isTold, pinned }) => ({ since, counted: counted + (isTold ? pinned : 0) }),
    };
  }
}

function whereToLook({
  last,
  startedAt,
  lostBefore,
}: Parameters<typeof lookUpPins>[0]): UntoldPins | undefined {
  if (last === undefined) return { since: startedAt - HOUR, counted: 0 };
  if (last.untoldPins !== undefined) return last.untoldPins;
  const { flights = 0, markedUntil = 0 } = lostBefore ?? {};
  // A run that was lost as a whole left no record of itself.
  return flights > 0 || markedUntil > last.startedAt ? { since: last.endedAt, counted: 0 } : undefined;
}

function nextOf(
  { pinned, isTold, mayHaveMore }: Parameters<PinsOfRun['next']>[0],
  { since }: UntoldPins,
): UntoldPins | undefined {
  if (!isTold) return { since, counted: 0 };
  return mayHaveMore ? { since, counted: pinned } : undefined;
}

/** Whether everybody reads what a run counted: each sink took it, and it was no dry run. */
export const isTold = (
  { deliveries }: Pick<TargetSummary, 'deliveries'>,
  { dryRun = false }: { dryRun?: boolean | undefined },
): boolean => !dryRun && deliveries.every(({ outcome }) => outcome === 'delivered');
