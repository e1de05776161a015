import { probesOf } from '../../collectors/needs.ts';
import type { ProcessMemory } from '../../logins/history/process-memory.ts';
import { careIn, heldBack } from '../../logins/rules/held-back.ts';
import { type SshCredential, sshAccount } from '../../logins/rules/principal.ts';
import { seenOf } from '../../logins/rules/seen-account.ts';
import { type CredentialRunDeps, openCredentialRun } from '../../logins/trial/credential-run.ts';
import type { JoinedRun } from '../../logins/trial/run-logins.ts';
import { sumLogins } from '../../logins/trial/waves.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { BatchHost } from '../batch.ts';
import { createDispatcher, type DispatchDeps } from '../dispatch/dispatch.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { printOutcome } from '../outcome.ts';
import { accountOf, type SshPlan, withLimits } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import type { RunsUnderWay } from './runs-under-way.ts';

/** A host at which a worker ended, and whose pause is over by the plan of its target. */
export interface Suspect {
  readonly target: string;
  readonly host: BatchHost;
  readonly plan: SshPlan;
  readonly credential: SshCredential;
}

/** What came of a suspect after the push of its run, for the operator. */
export interface AskedAlone {
  readonly target: string;
  readonly moref: string;
  readonly detail: string;
}

export type AskSuspectsDeps = DispatchDeps &
  CredentialRunDeps & {
    readonly accounts: Pick<AccountStore, 'read'>;
    readonly underWay: Pick<RunsUnderWay, 'alone'>;
    readonly memory?: Pick<ProcessMemory, 'note'>;
  };

type RunOfSuspects = Pick<TargetOrder, 'runId' | 'sweep' | 'times' | 'timeline' | 'logins'>;

/** A host that hangs holds up the other runs of the process for as long as its time-outs say. */
const MAX_SUSPECTS = 3;
/** With less time a login would be given up before a healthy host has answered it. */
const MIN_MS = 5_000;

/** Those of a target's hosts that are to be asked alone, by its plan. */
export function suspectsOf(
  hosts: readonly BatchHost[],
  { target, plan, credential }: Omit<Suspect, 'host'>,
): readonly Suspect[] {
  return hosts
    .filter(({ ssh, address }) => ssh !== 'try' && ssh.skip === 'worker' && isDue(plan, address))
    .map((host) => ({ target, host, plan, credential }));
}

function isDue(plan: SshPlan, address: string): boolean {
  const care = careIn(plan, accountOf(plan, address));
  return care.kind === 'suspect' && care.askedFrom <= plan.now;
}

/**
 * Asks hosts at which a worker ended, one after the other and each while no run of this process is under way: on one
 * machine such a host may end the whole process. All of the run is pushed by then, so that what they answer stands in
 * the state table, for the next run.
 */
export async function askSuspects(
  run: RunOfSuspects,
  suspects: readonly Suspect[],
  deps: AskSuspectsDeps,
  options: { signal: AbortSignal },
): Promise<readonly AskedAlone[]> {
  if (suspects.length === 0) return [];
  const { clock, log } = deps;
  const ms = run.timeline.msUntil(run.times.runEnd);
  using runTime = startDeadline({ ...options, clock, ms, what: WHAT });
  using waitTime = startDeadline({ ...options, clock, ms: ms - MIN_MS, what: WHAT });
  const asked: AskedAlone[] = [];
  for (const [index, suspect] of suspects.entries()) {
    const { target, host } = suspect;
    const work = async () => await askOne({ ...run, batch: FIRST_BATCH + index }, suspect, deps, runTime);
    const end =
      index < MAX_SUSPECTS
        ? ((await deps.underWay.alone(work, waitTime)) ?? NO_TIME)
        : `not tried: a run tries at most ${MAX_SUSPECTS} such hosts. A later run tries this one`;
    log.warn('host tried alone, because a worker ended while it was connected to it', {
      target,
      host: host.name,
      end,
    });
    asked.push({ target, moref: host.moref, detail: `ssh: ${end}` });
  }
  return asked;
}

const WHAT = 'asking a host alone at which a worker ended';
const NO_TIME =
  'not tried, because this run and the other runs of this process left no time for it. The next run tries again';

/** Above the number of any batch of the run before its push. */
const FIRST_BATCH = 100_000;

/** By what stands of its account now: while this run went on, another process may have asked it. */
async function askOne(
  run: RunOfSuspects & { readonly batch: number },
  suspect: Suspect,
  deps: AskSuspectsDeps,
  options: { signal: AbortSignal },
): Promise<string> {
  const { host, plan, credential } = suspect;
  const { user, address } = sshAccount(credential, host.address);
  try {
    const stored = await deps.accounts.read(user, address, options);
    const history = withLimits(stored, plan, host.address);
    const why = whyNot(history, { ...plan, now: deps.clock.now() });
    if (why !== undefined) return why;
    const { runId: holder, times } = run;
    const joined = await run.logins.join(() =>
      openCredentialRun({ ...credential, holder, endsAt: times.leaseEnd }, deps, options),
    );
    try {
      return await askInTurn(run, { ...suspect, history, joined }, deps, options);
    } finally {
      await joined.leave(undefined, options);
    }
  } catch (error) {
    return `not tried: ${messageOf(error)}`;
  }
}

function whyNot(history: AccountHistory | undefined, now: SshPlan): string | undefined {
  const held = heldBack(history, now);
  const care = careIn(now, history);
  const isStillDue = held?.skip === 'worker' && care.kind === 'suspect' && care.askedFrom <= now.now;
  return isStillDue ? undefined : 'not tried, because what is known of its account changed during the run';
}

/** Where no host has accepted the credential yet, one that may end its worker can be the only one to try it. */
async function askInTurn(
  { runId, sweep, times, timeline, logins, batch: firstBatch }: RunOfSuspects & { readonly batch: number },
  work: Suspect & { readonly history: AccountHistory | undefined; readonly joined: JoinedRun },
  deps: AskSuspectsDeps,
  options: { signal: AbortSignal },
): Promise<string> {
  const { target, host, credential, history, joined } = work;
  const { permission } = joined;
  if (permission.kind === 'suspended') return `not tried: ${credential.id} is not used at the moment`;
  const { turns } = logins;
  const trial = permission.kind === 'trial';
  const rules = { trial, isDomain: false, version: trial ? ('new' as const) : ('in-use' as const) };
  const turn = await turns.take(rules, { sent: 0, left: 1, accepted: 0 }, options);
  if ('stop' in turn) return `not tried: ${turn.stop.why ?? turn.stop.skip}`;
  try {
    const { send } = createDispatcher(
      {
        runId,
        sweep: sweep.name,
        target,
        endsAt: times.runEnd,
        timeline,
        credential,
        probes: probesOf(collectorsOf(sweep)),
        firstBatch,
      },
      deps,
      options,
    );
    const asked = { ...host, ssh: 'try', proven: false, account: seenOf(history) } as const;
    deps.log.warn('host is tried alone, because a worker ended while it was connected to it', {
      target,
      host: host.name,
    });
    const finished = await Promise.all(send([asked], { care: 'alone' }));
    for (const batch of finished) deps.memory?.note(batch, credential, { owed: false });
    const ends = sumLogins(finished, () => history?.provenVersion !== undefined);
    await joined.count(ends, rules, options);
    return finished.map(printEnd).join();
  } finally {
    turns.giveBack(1, 'asked');
  }
}

function printEnd({ result }: FinishedBatch): string {
  if (result.status === 'rejected')
    return `tried alone after the push: its worker ended again (${messageOf(result.reason)})`;
  const { outcomes, details } = result.value;
  const [first] = outcomes;
  const ssh = first?.[1];
  if (!ssh) return 'tried alone after the push: its worker reported nothing';
  if (ssh.kind === 'ok')
    return 'tried alone after the push: it answered, and is asked as usual from the next run on';
  const why = details[0]?.[1];
  return `tried alone after the push: ${printOutcome(ssh)}${why === undefined ? '' : `, ${why}`}`;
}
