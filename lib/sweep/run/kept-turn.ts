import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isStateAway } from '../../state/errors.ts';
import type { RunStore } from '../../state/stores/runs.ts';

/** In the place of a sweep's name, none of which begins so. */
export const SSH_TURN = '#ssh';
/** A turn lasts so long, in milliseconds, unless it is confirmed: that of a run that died ends soon. */
export const TURN_MS = 60_000;
const CONFIRM_EVERY_MS = 15_000;
/** By how much the clocks of others may be ahead where the table does not say who has the turn. */
const MARGIN_MS = 10_000;
const WRITE_MS = 2_000;

export interface KeepTurnDeps {
  readonly runs: Pick<RunStore, 'confirmLease' | 'releaseLease'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Confirms a turn while it is held. What `confirm` says is by the table, also for a process that was paused: another run may
 * have the turn by now. While the table is away, until shortly before the end that was confirmed last.
 */
export function keepTurn(
  { runId, target, endsAt: firstEnd }: { runId: string; target: string; endsAt: number },
  deps: KeepTurnDeps,
): { confirm(): Promise<boolean>; release(): Promise<void> } {
  const { runs, clock, log } = deps;
  const released = new AbortController();
  let heldUntil = firstEnd;
  let isLost = false;
  const confirm = async (): Promise<boolean> => {
    if (isLost) return false;
    const endsAt = clock.now() + TURN_MS;
    try {
      const isHeld = await limited('confirming the turn of asking hosts', clock, (options) =>
        runs.confirmLease(SSH_TURN, target, runId, { ...options, endsAt }),
      );
      if (isHeld) heldUntil = endsAt;
      else if (!isLost)
        log.warn('another sweep took the turn of asking hosts by ssh; this run asks no more', { target });
      isLost ||= !isHeld;
      return !isLost;
    } catch (error) {
      log.warn('the turn of asking hosts by ssh could not be confirmed', { target, error: messageOf(error) });
      return isTimeOrAway(error) && clock.now() < heldUntil - MARGIN_MS;
    }
  };
  const goOn = async () => {
    while (!isLost) {
      await clock.sleep(CONFIRM_EVERY_MS, { signal: released.signal, background: true });
      await confirm();
    }
  };
  goOn().catch(() => undefined);
  return {
    confirm,
    async release() {
      released.abort('released');
      await giveBackTurn({ runId, target }, deps);
    },
  };
}

const isTimeOrAway = (error: unknown): boolean =>
  isStateAway(error) || (error as { code?: unknown }).code === 'deadline';

/** Gives a turn back that this run has, or may have. Never rejects; nothing where another run has it. */
export async function giveBackTurn(
  { runId, target }: { runId: string; target: string },
  { runs, clock, log }: KeepTurnDeps,
): Promise<void> {
  const giveBack = () =>
    limited('giving back the turn of asking hosts', clock, (options) =>
      runs.releaseLease(SSH_TURN, target, runId, options),
    );
  await giveBack()
    .catch(giveBack)
    .catch((error: unknown) =>
      log.warn('the turn of asking hosts by ssh could not be given back; it ends within a minute', {
        target,
        error: messageOf(error),
      }),
    );
}

const limited = <T>(
  what: string,
  clock: Clock,
  work: (options: { signal: AbortSignal }) => Promise<T>,
): Promise<T> =>
  withTimeLimit({ clock, ms: WRITE_MS, what, signal: new AbortController().signal }, (signal) =>
    work({ signal }),
  );
