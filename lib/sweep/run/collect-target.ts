import { probesOf, runsBy } from '../../collectors/needs.ts';
import { seenLogins } from '../../logins/asked-batch.ts';
import { keepKnownOfHosts } from '../../logins/history/known-of-hosts.ts';
import type { ProcessMemory } from '../../logins/history/process-memory.ts';
import { type SshCredential, sshAccount } from '../../logins/rules/principal.ts';
import { type Flights, openFlights } from '../../logins/trial/flights.ts';
import { RECORD_MS } from '../../logins/trial/keep-record.ts';
import { type Deadline, startDeadline } from '../../platform/deadline.ts';
import { startGrace } from '../../platform/grace.ts';
import type { BatchHost } from '../batch.ts';
import { type AskedHosts, type AskHostsDeps, askHosts } from '../dispatch/ask-hosts.ts';
import { createDispatcher, type DispatchDeps, type Dispatcher } from '../dispatch/dispatch.ts';
import { planAgain } from '../dispatch/plan-again.ts';
import type { FinishedRead } from '../dispatch/read-items.ts';
import type { PreparedSsh } from '../dispatch/ssh-plan.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { watched } from '../dispatch/watched.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { keepSites, type ListedTarget } from '../listing/list-target.ts';
import { addressOf } from '../plan/address.ts';
import { batchesOf, MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { hasKnownKey } from '../plan/host-trust.ts';
import { type ItemsToRead, itemsToRead, whyUnread } from '../plan/items-to-read.ts';
import { type NetboxPlan, planNetbox } from '../plan/netbox-plan.ts';
import { accountOf, type SshPlan } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { mergeBatches } from '../result/merge.ts';
import { nameItems } from '../result/named-items.ts';
import type { CollectedTarget } from '../result/target-result.ts';
import { type Suspect, suspectsOf } from './ask-suspects.ts';
import {
  type BeforeLoginsDeps,
  countLeft,
  lookBeforePlan,
  planOnce,
  prepareLogins,
} from './before-logins.ts';
import { tell } from './progress.ts';
import { type ReadTargetDeps, readTarget, sessionOf } from './read-target.ts';

export type CollectTargetDeps = BeforeLoginsDeps &
  AskHostsDeps &
  ReadTargetDeps &
  DispatchDeps & { readonly memory?: Pick<ProcessMemory, 'note'> };

/** Whether the sweep asks hosts by ssh. */
export const isOverSsh = ({ sweep }: Pick<TargetOrder, 'sweep'>): boolean =>
  runsBy(collectorsOf(sweep), 'ask');

/** What may end this process, and so waits until all of the run is pushed. */
export interface AfterPush {
  readonly suspects: readonly Suspect[];
}

/** What only the next run needs, and so waits for the push of the target. */
interface ForNextRun {
  /** Keeps what is known of the hosts. Never rejects. */
  keepKnown(options: { signal: AbortSignal }): Promise<void>;
}

/**
 * Reads the items of a listed target and asks its hosts, side by side, and puts together what came back by collectEnd.
 * Nothing of vCenter waits for hosts, their accounts or NetBox.
 */
export async function collectTarget(
  order: TargetOrder,
  listed: ListedTarget,
  deps: CollectTargetDeps,
  { signal }: { signal: AbortSignal },
): Promise<CollectedTarget & AfterPush & ForNextRun> {
  const { target, times, timeline } = order;
  using collecting = startDeadline({
    clock: deps.clock,
    ms: timeline.msUntil(times.collectEnd),
    what: `collecting from ${target.name}`,
    signal,
    patienceMs: times.graceMs,
  });
  const wanted = sessionOf(listed) === undefined ? [] : itemsToRead(collectorsOf(order.sweep), listed);
  const overSsh = deps.config.esxi !== undefined && isOverSsh(order);
  const how = { wanted, overSsh, own: isOwn(order, { listed, wanted, overSsh }) };
  const broken = new AbortController();
  const reading = readTarget(order, listed, how, deps, {
    signal: AbortSignal.any([collecting.signal, broken.signal]),
  });
  try {
    return await askAndMerge(order, { ...how, listed, reading }, deps, { collecting, signal });
  } catch (error) {
    broken.abort(error);
    await reading;
    throw error;
  }
}

async function askAndMerge(
  order: TargetOrder,
  work: {
    listed: ListedTarget;
    reading: Promise<readonly FinishedRead[]>;
    own: boolean;
    overSsh: boolean;
  },
  deps: CollectTargetDeps,
  { collecting, signal }: { collecting: Deadline; signal: AbortSignal },
): Promise<CollectedTarget & AfterPush & ForNextRun> {
  const { listed, reading, own, overSsh } = work;
  const { runId, sweep, target, times } = order;
  const collectors = collectorsOf(sweep);
  const { esxi } = deps.config;
  const holder = {
    sweep: sweep.name,
    runId,
    endsAt: times.leaseEnd,
    logins: order.logins,
    countLeft: (options: { signal: AbortSignal }) => countLeft(order, deps, options),
    lists: order.lists,
  };
  const netbox = await askNetbox(order, listed, deps, collecting);
  let ssh =
    overSsh && esxi !== undefined
      ? await prepareLogins(order, { listed, netbox, esxi, holder }, deps, collecting)
      : undefined;
  let asked: AskedHosts = { finished: [] };
  const sent: Promise<FinishedBatch>[] = [];
  let finished: readonly FinishedBatch[] = [];
  let flights: Flights<BatchHost> | undefined;
  let hosts: readonly BatchHost[] = [];
  try {
    if (ssh !== undefined) ssh = await lookBeforePlan(order, { listed, ssh }, deps, collecting);
    hosts = planOnce(order, listed, { ssh, netbox });
    tell({ target: target.name, done: 0, hosts: hosts.length }, deps);
    const credential = ssh?.credential;
    if (credential !== undefined && ssh?.plan.fromMemory !== true)
      flights = openFlightsOf(order, credential, ssh?.known?.keysChange, deps);
    const work = { own, credential, flights };
    const dispatcher = watched(openDispatcher(order, work, deps, collecting), sent, (done) =>
      overSsh ? tell({ target: target.name, done, hosts: hosts.length }, deps) : undefined,
    );
    const planLost: Parameters<typeof askHosts>[1]['planLost'] = async (lost, by) =>
      work.flights !== undefined && (await work.flights.land(lost, { signal }))
        ? await planAgain(
            lost.flatMap((batch) => batch.hosts),
            by,
            deps,
            { signal },
          )
        : undefined;
    const land = async (finished: readonly FinishedBatch[]) => {
      using landing = startDeadline({ ...deps, ms: RECORD_MS, what: 'landing batches', signal });
      await work.flights?.land(finished, landing);
    };
    asked = await askHosts(order, { hosts, ssh, dispatcher, planLost, land }, deps, { signal });
    if (credential !== undefined)
      for (const batch of asked.finished)
        deps.memory?.note(batch, credential, { owed: flights?.isRemembered(batch.batch) ?? true });
  } finally {
    // Also of a run that is stopped: what stands of it then counts for a refusal of each host.
    finished = await Promise.all(sent);
    using records = startGrace({ ...deps, ms: RECORD_MS, isUnderWay: () => true, signal });
    await flights?.land(finished, records);
    await ssh?.run?.leave(asked.steady, records);
  }
  const read = await reading;
  return {
    listed,
    merged: mergeBatches(
      { asked: asked.finished, read },
      {
        collectors,
        overSsh,
        unread: whyUnread(collectors, listed),
        named: nameItems(target, {
          hosts,
          listed: listed.list?.hosts ?? [],
          others: listed.others ?? new Map(),
        }),
      },
    ),
    collectors,
    overSsh,
    problems: [
      ...listed.problems,
      // Every batch meets the same one.
      ...new Set([...finished, ...read].flatMap((batch) => batch.problems ?? [])),
      ...(asked.problems ?? []),
      ...(netbox?.verdict.problems ?? []),
      ...(ssh?.problems ?? []),
    ],
    netbox,
    credential: verdictOf(ssh, asked.finished),
    lostBefore: { flights: ssh?.lostFlights ?? 0, markedUntil: markedUntil(hosts, ssh?.plan) },
    isLossy: asked.finished.some(isLost) || (asked.problems ?? []).length > 0,
    suspects:
      ssh?.credential === undefined
        ? []
        : suspectsOf(hosts, { target: target.name, plan: ssh.plan, credential: ssh.credential }),
    keepKnown: (options) => keepKnown(order, { ssh, finished: asked.finished, hosts }, deps, options),
  };
}

/**
 * Whether the process of the run collects the target itself: where the batches of its larger path run side by side. One
 * that finds no room goes to a worker. Waves and addresses that several hosts have may make more batches than these.
 */
function isOwn(
  { ownHosts, maxBatchHosts = MAX_BATCH_HOSTS }: TargetOrder,
  { listed, wanted, overSsh }: { listed: ListedTarget; wanted: readonly ItemsToRead[]; overSsh: boolean },
): boolean {
  const hosts = listed.list?.hosts.length ?? 0;
  const batches = batchesOf({ asked: overSsh ? hosts : 0, maxBatchHosts, read: wanted });
  return ownHosts?.take({ hosts, batches }) ?? false;
}

const isLost = ({ result, started }: FinishedBatch) => result.status === 'rejected' && started;

/** The last end of a worker that left a mark at one of the hosts, and was none that asked it alone. */
const markedUntil = (hosts: readonly BatchHost[], plan: SshPlan | undefined): number =>
  hosts
    .map(({ address }) => plan && accountOf(plan, address)?.dialling)
    .reduce((last, mark) => Math.max(last, mark?.alone === true ? 0 : (mark?.until ?? 0)), 0);

/** For the next run, with what this one learned. */
async function keepKnown(
  { target }: TargetOrder,
  work: {
    ssh: PreparedSsh | undefined;
    finished: readonly FinishedBatch[];
    hosts: readonly BatchHost[];
  },
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  const { known, credential } = work.ssh ?? {};
  if (known === undefined || credential === undefined) return;
  const logins = work.finished.flatMap(seenLogins);
  const accepted = logins.filter(({ end }) => end === 'accepted').map(({ host }) => host);
  const pinned = work.finished.flatMap(({ hosts, result }) => {
    const morefs = new Set(result.status === 'fulfilled' ? result.value.pinned : []);
    return hosts.filter(({ moref }) => morefs.has(moref));
  });
  const learned = { accepted, version: credential.version, pinned };
  const of = { target: target.name, ...credential, hosts: work.hosts };
  await keepKnownOfHosts(of, { known, learned }, deps, options);
}

/** Nothing after a trial in which no host was sent the credential. */
function verdictOf(
  ssh: PreparedSsh | undefined,
  finished: readonly FinishedBatch[],
): CollectedTarget['credential'] {
  const { run, credential } = ssh ?? {};
  if (run === undefined || credential === undefined) return undefined;
  const isJudged =
    run.isOk() ||
    run.permission.kind === 'suspended' ||
    finished.some((batch) => seenLogins(batch).length > 0);
  return isJudged ? { id: credential.id, ok: run.isOk() } : undefined;
}

/** The way to the workers, with the record of what is under way and the progress that is told. */
function openDispatcher(
  { runId, sweep, target, times, timeline, maxBatchHosts: maxHosts = MAX_BATCH_HOSTS }: TargetOrder,
  work: {
    own: boolean;
    credential: SshCredential | undefined;
    flights: Flights<BatchHost> | undefined;
  },
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Dispatcher {
  const { own, credential, flights } = work;
  return createDispatcher(
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      endsAt: times.workerEnd,
      timeline,
      credential,
      probes: probesOf(collectorsOf(sweep)),
      own,
      maxHosts,
    },
    { ...deps, record: flights },
    options,
  );
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

const openFlightsOf = (
  { runId, sweep, target, times }: TargetOrder,
  credential: SshCredential,
  keysChange: string | undefined,
  deps: CollectTargetDeps,
): Flights<BatchHost> =>
  openFlights(
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      version: credential.version,
      endsAt: times.leaseEnd,
      keysChange,
      accountOf: ({ address }) => sshAccount(credential, address),
      hasKnownKey: (host) => hasKnownKey(host, deps.knownHosts),
    },
    deps,
  );
