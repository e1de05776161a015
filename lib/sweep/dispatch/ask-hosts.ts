import type { LoginHost } from '../../logins/asked-batch.ts';
import { careIn } from '../../logins/rules/held-back.ts';
import { MAX_CAREFUL_HOSTS } from '../../logins/rules/lost-worker.ts';
import type { SshCredential } from '../../logins/rules/principal.ts';
import { type DomainLookDeps, lookAtDomain } from '../../logins/trial/look-at-domain.ts';
import type { JoinedRun } from '../../logins/trial/run-logins.ts';
import { inTrialOrder, type LoginEnds, sendInWaves, sumLogins } from '../../logins/trial/waves.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { InvokeError } from '../../platform/invoke.ts';
import type { BatchHost } from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { accountOf, ownHistoryOf, type SshPlan } from '../plan/plan-hosts.ts';
import type { Dispatcher } from './dispatch.ts';
import { sendByAddress } from './shared-addresses.ts';
import type { PreparedSsh } from './ssh-plan.ts';
import type { TargetOrder } from './target-order.ts';

export interface AskHostsDeps extends DomainLookDeps {
  /** 0 to 1: which hosts a trial begins with. */
  readonly random: () => number;
}

/** What came of the hosts of a target. */
export interface AskedHosts {
  readonly finished: readonly FinishedBatch[];
  /** Why batches were lost whose hosts were asked again. */
  readonly problems?: readonly string[];
  /** Of the logins outside of waves; undefined when there is no run of a credential. */
  readonly steady?: LoginEnds;
}

/** Sends the planned hosts to workers in the order in which they may be logged in to. */
export async function askHosts(
  order: TargetOrder,
  work: Pick<AskWork, 'hosts' | 'isAgain' | 'dispatcher' | 'planLost' | 'land'> & {
    ssh: PreparedSsh | undefined;
  },
  deps: AskHostsDeps,
  options: { signal: AbortSignal },
): Promise<AskedHosts> {
  const { hosts, ssh, dispatcher } = work;
  const { plan, credential, run } = ssh ?? {};
  if (plan !== undefined && credential !== undefined && run !== undefined)
    return await askInOrder(order, { ...work, plan, credential, run }, deps, options);
  order.logins.turns.settle(order.target.name);
  // Without a run of a credential nobody is asked, or only hosts that this process saw proven.
  if (credential !== undefined) return { finished: await sendByAddress(hosts, dispatcher.send) };
  return { finished: await Promise.all(dispatcher.send(hosts)) };
}

interface AskWork {
  readonly hosts: readonly BatchHost[];
  /** They were left in an earlier turn of the run, and count for its allowance already. */
  readonly isAgain?: boolean;
  readonly plan: SshPlan;
  readonly credential: SshCredential;
  readonly run: JoinedRun;
  readonly dispatcher: Dispatcher;
  /** Strikes finished batches off the record of what is under way. Never rejects. */
  readonly land: (finished: readonly FinishedBatch[]) => Promise<unknown>;
  /**
   * Puts on record what was lost with workers that surely are over, and plans their hosts anew; undefined when that
   * cannot be written, and then nobody of them is asked in this run. Rejects when the accounts cannot be read.
   */
  readonly planLost: (
    lost: readonly FinishedBatch[],
    by: { plan: SshPlan; credential: SshCredential },
  ) => Promise<readonly BatchHost[] | undefined>;
}

/** The share of the worker's time in which a wave may begin. */
const WAVE_SHARE = 0.6;

/**
 * Proven hosts all at once, beside them the others in waves, and those of lost workers in small ones; then once more the
 * hosts of workers that are lost now; then what came of those outside of waves.
 */
async function askInOrder(
  { target, times, timeline, logins }: TargetOrder,
  work: AskWork,
  deps: AskHostsDeps,
  options: { signal: AbortSignal },
): Promise<AskedHosts> {
  const { clock, random } = deps;
  const { hosts, plan, credential, run, dispatcher } = work;
  const isDomain = plan.esxi.credentials.scope === 'domain';
  const acceptedBefore = ({ address }: LoginHost) => ownHistoryOf(plan, address)?.provenVersion !== undefined;
  using waveTime = startDeadline({
    ...options,
    clock,
    ms: timeline.msUntil(times.workerEnd) * WAVE_SHARE,
    what: 'the wait for a turn to log in',
  });
  const trial = isDomain || run.permission.kind === 'trial';
  // In a trial nobody is proven: a suspended credential was, on every host.
  const isInWaves = ({ ssh, proven }: BatchHost) => ssh === 'try' && (trial || !proven);
  const isCareful = ({ address }: BatchHost) => careIn(plan, accountOf(plan, address)).kind === 'careful';
  const { turns } = logins;
  const version = run.permission.kind === 'open' ? ('in-use' as const) : ('new' as const);
  const rules = { trial, isDomain, version, acceptedBefore };
  const sendWaves: Ways['sendWaves'] = (some, care) =>
    sendInWaves(
      inTrialOrder(some, { acceptedBy: run.acceptedBy, acceptedBefore, random }),
      care === undefined ? rules : { ...rules, care },
      {
        turns,
        send: dispatcher.send,
        settle: async (back) => {
          await work.land(back);
          turns.settle(target.name);
        },
        count: (ends) => run.count(ends, rules, options),
        ...(isDomain
          ? {
              lookAtDomain: (turn) => {
                const { blacklistMinutes } = plan;
                // Also a target that is late may begin, where nobody has to be waited for.
                return lookAtDomain(
                  credential,
                  { ...deps, blacklistMinutes },
                  turn.signal.aborted ? options : turn,
                );
              },
            }
          : {}),
      },
      waveTime,
    );
  const sendAtOnce: Ways['sendAtOnce'] = (some) => sendByAddress(some, dispatcher.send);
  if (work.isAgain !== true) turns.join(hosts.length);
  const inWaves = hosts.filter(isInWaves);
  if (inWaves.every(({ doubtful }) => doubtful !== undefined)) turns.settle(target.name);
  const [steady, ...waves] = await Promise.all([
    sendAtOnce(hosts.filter((host) => !isInWaves(host))),
    sendWaves(inWaves.filter((host) => !isCareful(host))),
    sendWaves(inWaves.filter(isCareful), 'slice'),
  ]);
  const finished = [...steady, ...waves.flat()];
  // One account for all hosts has no refusal to spare for another look.
  const mayAskAgain = !isDomain && !waveTime.signal.aborted;
  const asked = mayAskAgain
    ? await askAgain(finished, { ...work, sendWaves, sendAtOnce }, deps)
    : { finished };
  return { ...asked, steady: sumLogins(steady, acceptedBefore) };
}

interface Ways {
  sendWaves(hosts: readonly BatchHost[], care?: 'slice'): Promise<FinishedBatch[]>;
  sendAtOnce(hosts: readonly BatchHost[]): Promise<FinishedBatch[]>;
}

/** Once more, and with care, the hosts of workers that surely are over; the others stay as they are. */
async function askAgain(
  finished: readonly FinishedBatch[],
  { plan, credential, planLost, sendWaves, sendAtOnce }: AskWork & Ways,
  { log }: AskHostsDeps,
): Promise<AskedHosts> {
  const lost = finished.filter(isOver);
  if (lost.length === 0) return { finished };
  const hosts = await planLost(lost, { plan, credential }).catch((error: unknown) => {
    log.warn('hosts of a lost worker are not retried in this run', { error: messageOf(error) });
    return undefined;
  });
  if (hosts === undefined) return { finished };
  const isAsked = ({ ssh }: BatchHost) => ssh === 'try';
  const again = await Promise.all([
    sendAtOnce(hosts.filter((host) => !isAsked(host))),
    sendWaves(hosts.filter(isAsked), 'slice'),
  ]);
  const others = finished.filter((batch) => !lost.includes(batch));
  return { finished: [...others, ...again.flat()], problems: lost.map(explainLost) };
}

/** Its worker surely does nothing any more, and did not ask with care yet. */
const isOver = ({ result, care }: FinishedBatch): boolean =>
  result.status === 'rejected' &&
  care === undefined &&
  result.reason instanceof InvokeError &&
  result.reason.code === 'function-error';

const explainLost = ({ hosts, result }: FinishedBatch) =>
  `a worker ended before it reported on ${hosts.length} hosts: ` +
  `${messageOf(result.status === 'rejected' ? result.reason : undefined)}. Its hosts were retried one at a time, ` +
  `at most ${MAX_CAREFUL_HOSTS} per worker. If this repeats, look for the cause in the log of collect-batch`;
