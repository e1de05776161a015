import type { Credential } from '../../credentials/credential.ts';
import { startDeadline } from '../../platform/deadline.ts';
import type { JoinedRun } from '../accounts/run-logins.ts';
import type { BatchHost } from '../batch.ts';
import { MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { type DomainLookDeps, lookAtDomain } from '../plan/look-at-domain.ts';
import { accountOf, type SshPlan, sliceBatches } from '../plan/plan-hosts.ts';
import { sendByAddress } from '../plan/shared-addresses.ts';
import type { PreparedSsh } from '../plan/ssh-plan.ts';
import { inTrialOrder, type LoginEnds, sendInWaves, sumLogins } from '../plan/waves.ts';
import type { Dispatcher } from './dispatch.ts';
import type { FinishedBatch } from './merge.ts';
import type { TargetOrder } from './target-order.ts';

export interface AskHostsDeps extends DomainLookDeps {
  /** 0 to 1: which hosts a trial begins with. */
  readonly random: () => number;
}

/** What came of the hosts of a target. */
export interface AskedHosts {
  readonly finished: readonly FinishedBatch[];
  /** Of the logins outside of waves; undefined when there is no run of a credential. */
  readonly steady?: LoginEnds;
}

/** Sends the planned hosts to workers in the order in which they may be logged in to. */
export async function askHosts(
  order: TargetOrder,
  work: { hosts: readonly BatchHost[]; ssh: PreparedSsh | undefined; dispatcher: Dispatcher },
  deps: AskHostsDeps,
  options: { signal: AbortSignal },
): Promise<AskedHosts> {
  const { hosts, ssh, dispatcher } = work;
  const { plan, credential, run } = ssh ?? {};
  if (plan !== undefined && credential !== undefined && run !== undefined)
    return await askInOrder(order, { hosts, plan, credential, run, dispatcher }, deps, options);
  const known = { maxHosts: order.maxBatchHosts ?? MAX_BATCH_HOSTS, hasCredential: credential !== undefined };
  return { finished: await sendKnown(hosts, { ...known, send: dispatcher.send }) };
}

/** Without a run of a credential nobody is asked, or only hosts that this process saw proven. */
async function sendKnown(
  hosts: readonly BatchHost[],
  work: { maxHosts: number; hasCredential: boolean; send: Dispatcher['send'] },
): Promise<FinishedBatch[]> {
  if (work.hasCredential) return sendByAddress(hosts, work);
  return Promise.all(sliceBatches(hosts, work.maxHosts).map((batch) => work.send(batch)));
}

interface AskWork {
  readonly hosts: readonly BatchHost[];
  readonly plan: SshPlan;
  readonly credential: Credential;
  readonly run: JoinedRun;
  readonly dispatcher: Dispatcher;
}

/** The share of the worker's time in which a wave may begin. */
const WAVE_SHARE = 0.6;

/** Proven hosts all at once, beside them the others in waves; then what came of those outside of waves. */
async function askInOrder(
  { times, logins, maxBatchHosts: maxHosts = MAX_BATCH_HOSTS }: TargetOrder,
  work: AskWork,
  deps: AskHostsDeps,
  options: { signal: AbortSignal },
): Promise<AskedHosts> {
  const { clock, random } = deps;
  const { hosts, plan, credential, run, dispatcher } = work;
  const isDomain = plan.esxi.credentials.scope === 'domain';
  const acceptedBefore = ({ address }: BatchHost) => accountOf(plan, address)?.provenVersion !== undefined;
  using waveTime = startDeadline({
    ...options,
    clock,
    endsAt: clock.now() + (times.workerEnd - clock.now()) * WAVE_SHARE,
    what: 'the wait for a turn to log in',
  });
  const trial = isDomain || run.permission.kind === 'trial';
  // In a trial nobody is proven: a suspended credential was, on every host.
  const isInWaves = ({ ssh, proven }: BatchHost) => ssh === 'try' && (trial || !proven);
  const inWaves = hosts.filter(isInWaves);
  const { turns } = logins;
  turns.join(hosts.length);
  const [steady, waves] = await Promise.all([
    sendByAddress(
      hosts.filter((host) => !isInWaves(host)),
      { maxHosts, send: dispatcher.send },
    ),
    sendInWaves(
      inTrialOrder(inWaves, { acceptedBy: run.acceptedBy, acceptedBefore, random }),
      { trial, isDomain, maxHosts, acceptedBefore },
      {
        turns,
        send: dispatcher.send,
        ...(isDomain
          ? {
              inDomain: (ask) =>
                lookAtDomain(credential, { blacklistMinutes: plan.blacklistMinutes, ask }, deps, options),
            }
          : {}),
        // Of a credential in use the hosts in waves are the odd ones out: they count together with the others.
        onTally: async (host) => (trial ? run.judge(turns.tally(), host?.address, options) : undefined),
      },
      waveTime,
    ),
  ]);
  return { finished: [...steady, ...waves], steady: sumLogins(steady, acceptedBefore) };
}
