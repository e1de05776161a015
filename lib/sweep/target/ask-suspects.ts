import type { BatchHost, BatchRequest } from '../batch.ts';
import { printOutcome } from '../outcome.ts';
import { careIn } from '../plan/held-back.ts';
import { accountOf, type SshPlan } from '../plan/plan-hosts.ts';
import { createDispatcher, type DispatchDeps } from './dispatch.ts';
import type { FinishedBatch } from './merge.ts';
import type { TargetOrder } from './target-order.ts';

/** As many refusals as the smallest allowance of a run. */
const MAX_SUSPECTS = 3;
/** With less time a login would be given up before a healthy host has answered it. */
const MIN_MS = 5_000;

/**
 * Asks hosts at which a worker ended and whose pause is over, each alone and one after the other. The run is pushed by
 * then, because on one machine such a host may end the whole process. What they answer stands in the state table, for
 * the next run. Never rejects.
 */
export async function askSuspects(
  { runId, sweep, target, times }: TargetOrder,
  work: { hosts: readonly BatchHost[]; plan: SshPlan; credential: BatchRequest['credential'] },
  deps: Omit<DispatchDeps, 'beforeInvoke'>,
  options: { signal: AbortSignal },
): Promise<FinishedBatch[]> {
  const { hosts, plan, credential } = work;
  const { clock, log } = deps;
  const endsAt = times.runEnd;
  const isDue = ({ ssh, address }: BatchHost) => {
    const care = careIn(plan, accountOf(plan, address));
    return ssh !== 'try' && ssh.skip === 'worker' && care.kind === 'suspect' && care.askedFrom <= plan.now;
  };
  const { send } = createDispatcher(
    // What vCenter says would not be pushed any more.
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      endsAt,
      credential,
      firstBatch: FIRST_BATCH,
      ...WITHOUT_VCENTER,
    },
    { ...deps, beforeInvoke: async (batch) => batch.hosts },
    options,
  );
  const finished: FinishedBatch[] = [];
  for (const host of hosts.filter(isDue).slice(0, MAX_SUSPECTS)) {
    if (options.signal.aborted || endsAt - clock.now() < MIN_MS) break;
    log.warn('a host at which a worker ended is asked again, alone', { host: host.name });
    const batch = await send([{ ...host, ssh: 'try', proven: false }], {
      verdictFirst: false,
      care: 'alone',
    });
    const end = printEnd(batch);
    log.warn('a host at which a worker ended was asked alone', { host: host.name, end });
    finished.push(batch);
  }
  return finished;
}

const WITHOUT_VCENTER = { needsProperties: false, listed: true, session: undefined } as const;

/** Above the number of any batch of the run before its push. */
const FIRST_BATCH = 100_000;

function printEnd({ result }: FinishedBatch): string {
  if (result.status === 'rejected') return 'its worker was lost again';
  const ssh = result.value.outcomes[0]?.[2];
  return ssh ? printOutcome(ssh) : 'the worker forgot it';
}
