import type { EsxiConfig } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { isProven } from '../../lockout/account-history.ts';
import { mayTryHost } from '../../lockout/may-try-login.ts';
import { sshAccount } from '../../lockout/principal.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { countLostFlights, type Flights, openFlights } from '../accounts/flights.ts';
import type { ProcessMemory } from '../accounts/process-memory.ts';
import type { JoinedRun } from '../accounts/run-logins.ts';
import type { BatchHost, BatchRequest } from '../batch.ts';
import { addressOf } from '../plan/address.ts';
import { MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { type NetboxPlan, planNetbox } from '../plan/netbox-plan.ts';
import { accountOf, planHosts, type SshPlan, seenOf, sliceBatches } from '../plan/plan-hosts.ts';
import { sendByAddress } from '../plan/shared-addresses.ts';
import { type PreparedSsh, prepareSsh, type SshPlanDeps } from '../plan/ssh-plan.ts';
import {
  type DomainLook,
  inTrialOrder,
  type LoginEnds,
  seenLogins,
  sendInWaves,
  sumLogins,
} from '../plan/waves.ts';
import { sitesOf } from './configured-hosts.ts';
import { createDispatcher, type DispatchDeps, type Dispatcher } from './dispatch.ts';
import { keepSites, type ListedTarget } from './list-target.ts';
import { type FinishedBatch, mergeBatches } from './merge.ts';
import type { TargetOrder } from './target-order.ts';
import type { CollectedTarget } from './target-result.ts';
import { collectorsOf } from './target-settings.ts';

export interface CollectTargetDeps extends SshPlanDeps, Omit<DispatchDeps, 'beforeInvoke' | 'onFinished'> {
  /** 0 to 1: which hosts a trial begins with. */
  readonly random: () => number;
  readonly memory?: Pick<ProcessMemory, 'recall' | 'note'>;
  /** Called with the hosts done and in all, as batches come back. */
  readonly onProgress?: (progress: { target: string; done: number; hosts: number }) => void;
}

/** Whether the sweep asks hosts by ssh. */
export const isOverSsh = ({ sweep }: Pick<TargetOrder, 'sweep'>): boolean =>
  collectorsOf(sweep).some(({ needs }) => needs.probes.length > 0);

/** Hands the hosts of a listed target to workers and puts together what came back by collectEnd. */
export async function collectTarget(
  order: TargetOrder,
  listed: ListedTarget,
  deps: CollectTargetDeps,
  { signal }: { signal: AbortSignal },
): Promise<CollectedTarget> {
  const { runId, sweep, target, times } = order;
  const collectors = collectorsOf(sweep);
  const { esxi } = deps.config;
  const overSsh = esxi !== undefined && isOverSsh(order);
  using collecting = startDeadline({
    clock: deps.clock,
    endsAt: times.collectEnd,
    what: `collecting from ${target.name}`,
    signal,
  });
  const holder = { sweep: sweep.name, runId, endsAt: times.leaseEnd, logins: order.logins };
  // A target without hosts must not claim a credential's trial: the others would wait for it, run after run.
  const hasHosts = listed.list !== undefined;
  const netbox = await askNetbox(order, listed, deps, collecting);
  const ssh = overSsh && hasHosts ? await prepareSsh(target, { esxi, holder }, deps, collecting) : undefined;
  // Else an old flight would be counted after a lift that was meant for it.
  const uncounted =
    overSsh && !hasHosts
      ? await countLostFlights({ sweep: sweep.name, target: target.name }, deps, collecting).catch(
          (error: unknown) => [messageOf(error)],
        )
      : undefined;
  // Every batch meets the same one.
  const accessProblems = new Set<string>();
  let steady: LoginEnds | undefined;
  let finished: readonly FinishedBatch[];
  try {
    const hosts = planOnce(order, listed, { ssh, netbox });
    let done = 0;
    const isRecorded = ssh?.plan.fromMemory !== true;
    const flights = isRecorded ? ssh?.credential && openFlightsOf(order, ssh.credential, deps) : undefined;
    const dispatcher = createDispatcher(
      {
        runId,
        sweep: sweep.name,
        target: target.name,
        endsAt: times.workerEnd,
        credential: ssh?.credential && toFixed(ssh.credential, esxi),
        needsProperties: collectors.some(({ needs }) => needs.properties.length > 0),
        listed: listed.source === 'fresh',
        session: listed.source === 'fresh' ? listed.session : undefined,
      },
      {
        ...deps,
        onProblem: (problem) => accessProblems.add(problem),
        beforeInvoke: (batch, options) => flights?.begin(batch, options) ?? Promise.resolve(),
        onFinished: (count) => {
          done += count;
          deps.onProgress?.({ target: target.name, done, hosts: hosts.length });
        },
      },
      collecting,
    );
    if (ssh?.run === undefined || ssh.credential === undefined) {
      finished = await sendKnown(hosts, {
        maxHosts: order.maxBatchHosts ?? MAX_BATCH_HOSTS,
        hasCredential: ssh?.credential !== undefined,
        send: dispatcher.send,
      });
    } else {
      const work = { hosts, plan: ssh.plan, credential: ssh.credential, run: ssh.run, dispatcher };
      const asked = await askInOrder(order, work, deps, { signal });
      steady = asked.steady;
      finished = asked.finished;
    }
    await flights?.land(finished, { signal });
    if (ssh?.credential !== undefined)
      noteLogins(finished, { ...ssh, credential: ssh.credential, isRecorded }, deps);
  } finally {
    await ssh?.run?.leave(steady, { signal });
  }
  return {
    listed,
    merged: mergeBatches(finished, { collectors, overSsh }),
    collectors,
    overSsh,
    problems: [
      ...listed.problems,
      ...accessProblems,
      ...(netbox?.verdict.problems ?? []),
      ...(ssh?.problems ?? []),
      ...(uncounted ?? []),
    ],
    netbox,
    credential: ssh?.run && ssh.credential && { id: ssh.credential.id, ok: ssh.run.isOk() },
  };
}

/** What NetBox says of the listed hosts; a site that is new is kept for the runs in which it says nothing. */
async function askNetbox(
  { netbox, target }: TargetOrder,
  listed: ListedTarget,
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<NetboxPlan | undefined> {
  if (netbox === undefined || listed.list === undefined) return undefined;
  const { esxi } = deps.config;
  const plan = planNetbox(
    listed.list,
    await netbox.verdict(),
    (host) => esxi && addressOf(host, esxi).address,
  );
  await keepSites(target.name, { listed, sites: plan.sites }, deps, options);
  return plan;
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

/** Proven hosts all at once, beside them the others in waves; then what came of those outside of waves. */
async function askInOrder(
  { times, logins, maxBatchHosts: maxHosts = MAX_BATCH_HOSTS }: TargetOrder,
  work: AskWork,
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<{ finished: FinishedBatch[]; steady: LoginEnds }> {
  const { clock, random } = deps;
  const { hosts, plan, run, dispatcher } = work;
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
        ...(isDomain ? { inDomain: (ask) => lookAtDomain(work, deps, options, ask) } : {}),
        // Of a credential in use the hosts in waves are the odd ones out: they count together with the others.
        onTally: async (host) => (trial ? run.judge(turns.tally(), host?.address, options) : undefined),
      },
      waveTime,
    ),
  ]);
  return { finished: [...steady, ...waves], steady: sumLogins(steady, acceptedBefore) };
}

/** With nobody else of this process at the account: whether it may be tried now, by what stands in the table. */
async function lookAtDomain(
  { plan, credential }: AskWork,
  { accounts, clock, log, logins }: CollectTargetDeps,
  options: { signal: AbortSignal },
  ask: (look: DomainLook) => Promise<void>,
): Promise<void> {
  const { username, version } = credential;
  const account = sshAccount({ username, scope: 'domain' }, '');
  const look = async (): Promise<DomainLook> => {
    try {
      const history = await accounts.read(account.user, account.address, options);
      const { blacklistMinutes } = plan;
      const permission = mayTryHost(history, { now: clock.now(), version, blacklistMinutes });
      if (!permission.allowed) return { skip: permission.reason };
      return { proven: isProven(history, version), account: seenOf(history) };
    } catch (error) {
      log.warn('the account of a domain could not be read', { ...account, error: messageOf(error) });
      return { skip: 'state' };
    }
  };
  await logins(account, async () => ask(await look()));
}

/** For a later run that may not be able to read the table. */
function noteLogins(
  finished: readonly FinishedBatch[],
  { plan, credential, isRecorded }: { plan: SshPlan; credential: Credential; isRecorded: boolean },
  { memory }: CollectTargetDeps,
): void {
  const { username, version } = credential;
  const { scope } = plan.esxi.credentials;
  const { user } = sshAccount({ username, scope }, '');
  const seen = finished
    .flatMap((batch) => seenLogins(batch))
    .map(({ host, end }) => ({ address: sshAccount({ username, scope }, host.address).address, end }));
  memory?.note({ user, version }, seen, { owed: !isRecorded });
}

/** The share of the worker's time in which a wave may begin. */
const WAVE_SHARE = 0.6;

const openFlightsOf = (
  { runId, sweep, target }: TargetOrder,
  { username, version }: Credential,
  deps: CollectTargetDeps,
): Flights => {
  const scope = deps.config.esxi?.credentials.scope ?? 'host';
  return openFlights(
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      version,
      accountOf: ({ address }) => sshAccount({ username, scope }, address),
    },
    deps,
  );
};

const toFixed = (
  { id, version, username }: Credential,
  esxi: EsxiConfig | undefined,
): BatchRequest['credential'] => ({
  id,
  version,
  username,
  scope: esxi?.credentials.scope ?? 'host',
});

/**
 * The plan, in which an address that another target of this run asks already is not asked again: on the first run
 * the stored lists do not tell yet. Nothing waits between looking and claiming.
 */
function planOnce(
  { target, logins: { addresses } }: TargetOrder,
  { list }: ListedTarget,
  { ssh, netbox }: { ssh: PreparedSsh | undefined; netbox: NetboxPlan | undefined },
): ReturnType<typeof planHosts> {
  const plan = ssh && { ...ssh.plan, askedByOthers: ssh.plan.askedByOthers.union(addresses) };
  const hosts = planHosts(list?.hosts ?? [], { siteOf: sitesOf(target), ssh: plan, netbox });
  if (ssh?.credential !== undefined) {
    for (const host of hosts) if (host.ssh === 'try') addresses.add(host.address);
  }
  return hosts;
}
