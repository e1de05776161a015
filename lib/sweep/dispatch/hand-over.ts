import type { AwsConfig } from '../../config/aws.ts';
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
  /** What a remedy goes by. */
  readonly config?: { readonly aws?: Pick<AwsConfig, 'split'> | undefined } | undefined;
}

/** How far a batch came. */
export interface Attempt {
  /** Somebody may have begun with it. */
  started: boolean;
  /** Why no worker did. */
  refusal?: InvokeError;
  /** What cost the whole target something, for the operator. */
  readonly problems: string[];
}

/**
 * How long a batch waits for a worker before this process collects it, and the share of its time: the shorter one, and
 * the share while workers of the target are under way, which takes longer than five seconds as a rule.
 */
const PATIENCE_MS = 5_000;
const PATIENCE_SHARE = 1 / 4;

/**
 * Hands the bytes of a target's batches to workers. Where workers were refused for five seconds in which none came to
 * an end (a quarter of the time while some are under way), because the account's
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
  const { clock, log, invoke, ownBatches } = deps;
  /** Since when workers were refused and none came to an end, in monotonic time, and what was left then. */
  let refused: (Pick<InvokeError, 'code'> & { readonly since: number; readonly leftMs: number }) | undefined;
  /** Workers of this target, and calls that are about to be refused. */
  let underWay = 0;
  let isTold = false;
  const isOverdue = () => {
    if (refused === undefined) return false;
    // The end of one of them gives a place; it may hang, so it is not waited for without end.
    const isAwaited = underWay > 0 && refused.code === 'throttled';
    const shareMs = refused.leftMs * PATIENCE_SHARE;
    return clock.monotonic() - refused.since >= (isAwaited ? shareMs : Math.min(PATIENCE_MS, shareMs));
  };
  const noteRefusal = ({ code }: InvokeError) => {
    refused = { since: clock.monotonic(), leftMs: timeline.msUntil(endsAt), ...refused, code };
  };
  const tell = (error: InvokeError, { problems }: Attempt) => {
    if (isTold) return;
    isTold = true;
    log.warn('no worker starts; the sweep function collects batches itself', {
      target,
      error: error.message,
    });
    const why = error.message.replace(/\.$/, '');
    problems.push(
      `no worker started in time; the sweep function collected batches itself: ${why}. ${remedyFor(error, deps)}`.trimEnd(),
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
      underWay += 1;
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
      } finally {
        underWay -= 1;
      }
    };
    const instead = (error: InvokeError) => {
      noteRefusal(error);
      if (ownBatches?.hasRoom() !== true) return undefined;
      if (own) return collectHere(ownBatches);
      if (!isOverdue()) return undefined;
      tell(error, attempt);
      return collectHere(ownBatches);
    };
    // Each further call would wait for its connection.
    const isInVain = isOverdue() && refused?.code === 'unreachable';
    if (ownBatches?.hasRoom() === true && (own || isInVain)) return await collectHere(ownBatches);
    return await untilStarted(call, { ...deps, signal, instead });
  };
}

const remedyFor = ({ code }: InvokeError, { config }: Pick<HandOverDeps, 'config'>): string =>
  code === 'throttled'
    ? `${RAISE}, or ${config?.aws?.split === 'target' ? 'write aws: { split: sweep }' : FEWER}`
    : (REMEDIES[code] ?? '');

const RAISE = 'Raise the quota of concurrent executions (Service Quotas, AWS Lambda)';
const FEWER = 'set aws.maxConcurrentBatches below the concurrency that the account has left';
const REMEDIES: Partial<Record<InvokeError['code'], string>> = {
  'not-ready':
    'If this repeats, look at the reason code of Lambda: SubnetIPAddressLimitReached needs larger subnets (aws.network.subnets), ' +
    'ENILimitReached a higher quota of network interfaces (Service Quotas, Amazon VPC)',
  unreachable: 'Check the network path from the functions to Lambda: its VPC endpoint, or the NAT gateway',
};
