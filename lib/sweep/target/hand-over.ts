import type { Clock } from '../../platform/clock.ts';
import { type Invoke, type InvokeError, isNotStarted } from '../../platform/invoke.ts';
import type { Log } from '../../platform/log.ts';
import type { Timeline } from '../../platform/timeline.ts';
import type { OwnBatches } from './own-batches.ts';
import { untilStarted } from './until-started.ts';

export const COLLECT_BATCH = 'collect-batch';

export interface HandOverDeps {
  readonly clock: Clock;
  /** 0 to 1: spreads the pauses before a worker is called again. */
  readonly random: () => number;
  readonly log: Log;
  readonly invoke: Invoke;
  /** Collecting in this process; undefined where `invoke` does nothing else. */
  readonly ownBatches?: OwnBatches | undefined;
  /** Called with what cost the whole target something. */
  readonly onProblem?: ((problem: string) => void) | undefined;
}

/** How far a batch came. */
export interface Attempt {
  /** Somebody may have begun with it. */
  started: boolean;
  /** Why no worker did. */
  refusal?: InvokeError;
}

/** How long a batch waits for a worker before this process collects it, and the share of its time. */
const PATIENCE_MS = 5_000;
const PATIENCE_SHARE = 1 / 4;

/**
 * Hands the bytes of a target's batches to workers. Where no worker was started for five seconds, because the account's
 * concurrency is used up, maybe by runs that wait as this one does, or because Lambda is out of reach, this process
 * collects batches itself, as far as it has room, and the others wait on. `own`: it collects the batch as soon as it has
 * room and no worker has it; none waits for room while a worker could begin.
 */
export function createHandOver(
  {
    target,
    timeline,
    endsAt,
  }: { readonly target: string; readonly timeline: Timeline; readonly endsAt: number },
  deps: HandOverDeps,
  { signal }: { signal: AbortSignal },
): (payload: Uint8Array, attempt: Attempt, how: { own: boolean }) => Promise<Uint8Array> {
  const { clock, log, invoke, ownBatches, onProblem } = deps;
  /** Since when no worker was started, in monotonic time, and how long that is borne. */
  let refused:
    | (Pick<InvokeError, 'code'> & { readonly since: number; readonly patienceMs: number })
    | undefined;
  let isTold = false;
  const isOverdue = () => refused !== undefined && clock.monotonic() - refused.since >= refused.patienceMs;
  const noteRefusal = ({ code }: InvokeError) => {
    const patienceMs = Math.min(PATIENCE_MS, timeline.msUntil(endsAt) * PATIENCE_SHARE);
    refused = { since: clock.monotonic(), patienceMs, ...refused, code };
  };
  const tell = (error: InvokeError) => {
    if (isTold) return;
    isTold = true;
    log.warn('no worker starts, so this function collects batches itself', { target, error: error.message });
    const why = error.message.replace(/\.$/, '');
    onProblem?.(
      `no worker started in time, so the sweep function collected batches itself: ${why}. ${REMEDIES[error.code] ?? ''}`.trimEnd(),
    );
  };
  return async (payload, attempt, { own }) => {
    const collectHere = (here: OwnBatches) => {
      const onStart = () => {
        attempt.started = true;
      };
      return here.collect(payload, { signal, onStart });
    };
    const call = async () => {
      signal.throwIfAborted();
      attempt.started = true;
      try {
        const answer = await invoke(COLLECT_BATCH, payload, { signal });
        refused = undefined;
        return answer;
      } catch (error) {
        if (isNotStarted(error)) {
          attempt.started = false;
          attempt.refusal = error;
        } else refused = undefined;
        throw error;
      }
    };
    const instead = (error: InvokeError) => {
      noteRefusal(error);
      if (ownBatches?.hasRoom() !== true) return undefined;
      if (own) return collectHere(ownBatches);
      if (!isOverdue()) return undefined;
      tell(error);
      return collectHere(ownBatches);
    };
    // Each further call would wait for its connection.
    const isInVain = isOverdue() && refused?.code === 'unreachable';
    if (ownBatches?.hasRoom() === true && (own || isInVain)) return await collectHere(ownBatches);
    return await untilStarted(call, { ...deps, signal, instead });
  };
}

const REMEDIES: Partial<Record<InvokeError['code'], string>> = {
  throttled:
    'Raise the quota of concurrent executions (Service Quotas, AWS Lambda), or write aws: { split: sweep }',
  unreachable: 'Check the way from the functions to Lambda: its endpoint in the VPC, or the NAT gateway',
};
