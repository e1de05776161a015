import { runsBy } from '../../collectors/needs.ts';
import { sweptTargets } from '../../config/cross-checks.ts';
import { LOOK_UP_SHARE, lookUpKeys } from '../../config/known-hosts/look-up-keys.ts';
import type { EsxiConfig } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { seenLogins } from '../../logins/asked-batch.ts';
import { keepKnownOfHosts } from '../../logins/history/known-of-hosts.ts';
import { noteLogins } from '../../logins/history/note-logins.ts';
import type { ProcessMemory } from '../../logins/history/process-memory.ts';
import { sshAccount } from '../../logins/rules/principal.ts';
import { countLostFlights, type Flights, openFlights } from '../../logins/trial/flights.ts';
import { RECORD_MS } from '../../logins/trial/keep-record.ts';
import { countLeftFlights, type LeftFlightDeps } from '../../logins/trial/left-flights.ts';
import { type Deadline, startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { startGrace } from '../../platform/grace.ts';
import type { BatchHost, BatchRequest } from '../batch.ts';
import { type AskedHosts, type AskHostsDeps, askHosts } from '../dispatch/ask-hosts.ts';
import { createDispatcher, type DispatchDeps, type Dispatcher } from '../dispatch/dispatch.ts';
import { planAgain } from '../dispatch/plan-again.ts';
import { type FinishedRead, READ_SLICE, type ReadItemsDeps, readItems } from '../dispatch/read-items.ts';
import {
  type Holder,
  type PreparedSsh,
  prepareSsh,
  type SshPlanDeps,
  withoutLogins,
} from '../dispatch/ssh-plan.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { watched } from '../dispatch/watched.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { sitesOf } from '../listing/configured-hosts.ts';
import { keepSites, type ListedTarget } from '../listing/list-target.ts';
import { addressOf, normalDial } from '../plan/address.ts';
import { MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { hasKnownKey } from '../plan/host-trust.ts';
import { itemsToRead, whyUnread } from '../plan/items-to-read.ts';
import { type NetboxPlan, planNetbox } from '../plan/netbox-plan.ts';
import { accountOf, planHosts, type SshPlan, withoutCredential } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { skipBeforeLogins } from '../plan/who-is-asked.ts';
import { mergeBatches } from '../result/merge.ts';
import { nameItems } from '../result/named-items.ts';
import type { CollectedTarget } from '../result/target-result.ts';
import { type Suspect, suspectsOf } from './ask-suspects.ts';
import { recordLimits } from './record-limits.ts';

export type CollectTargetDeps = SshPlanDeps &
  LeftFlightDeps &
  AskHostsDeps &
  ReadItemsDeps &
  DispatchDeps &
  Pick<Parameters<typeof recordLimits>[2], 'accounts'> & {
    readonly memory?: Pick<ProcessMemory, 'note'>;
    /** Called with the hosts done and in all: when they are known, and as batches come back. */
    readonly onProgress?: (progress: { target: string; done: number; hosts: number }) => void;
  };

/** Whether anything is read of a target's objects besides the list. */
const isOverVcenter = ({ sweep }: Pick<TargetOrder, 'sweep'>): boolean => runsBy(collectorsOf(sweep), 'read');

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
  const how = {
    own: ownBatches(order, listed, deps),
    overSsh: deps.config.esxi !== undefined && isOverSsh(order),
  };
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
  const { runId, sweep, target, times, timeline } = order;
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
  const ssh =
    overSsh && esxi !== undefined
      ? await prepareLogins(order, { listed, netbox, esxi, holder }, deps, collecting)
      : undefined;
  let asked: AskedHosts = { finished: [] };
  const sent: Promise<FinishedBatch>[] = [];
  let finished: readonly FinishedBatch[] = [];
  let flights: Flights<BatchHost> | undefined;
  let limits: Promise<void> | undefined;
  let hosts: readonly BatchHost[] = [];
  try {
    if (ssh !== undefined) {
      const dialled = (listed.list?.hosts ?? []).map((host) => normalDial(host, ssh.plan.esxi));
      using looking = startDeadline({
        clock: deps.clock,
        ms: timeline.msUntil(times.workerEnd) * LOOK_UP_SHARE,
        what: 'looking up host keys',
        signal: collecting.signal,
      });
      await lookUpKeys(dialled, deps, looking);
    }
    hosts = planOnce(order, listed, { ssh, netbox });
    deps.onProgress?.({ target: target.name, done: 0, hosts: hosts.length });
    const isRecorded = ssh?.plan.fromMemory !== true;
    flights = isRecorded
      ? ssh?.credential && openFlightsOf(order, { ...ssh, credential: ssh.credential }, deps)
      : undefined;
    const work = {
      own,
      credential: ssh?.credential,
      flights,
    };
    const dispatcher = watched(openDispatcher(order, work, deps, collecting), sent, (done) =>
      overSsh ? deps.onProgress?.({ target: target.name, done, hosts: hosts.length }) : undefined,
    );
    const planLost = async (lost: readonly FinishedBatch[], by: { plan: SshPlan; username: string }) =>
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
    limits = recordLimits(
      hosts,
      ssh?.credential && toFixed(ssh.credential, esxi),
      { ...deps, session: sessionOf(listed) },
      collecting,
    );
    asked = await askHosts(order, { hosts, ssh, dispatcher, planLost, land }, deps, { signal });
    if (ssh?.credential !== undefined)
      noteLogins(
        asked.finished,
        {
          credential: toFixed(ssh.credential, esxi),
          isOwed: ({ batch }) => work.flights?.isRemembered(batch) ?? true,
        },
        deps,
      );
  } finally {
    // Also of a run that is stopped: what stands of it then counts for a refusal of each host.
    finished = await Promise.all(sent);
    using records = startGrace({ ...deps, ms: RECORD_MS, isUnderWay: () => true, signal });
    await flights?.land(finished, records);
    await ssh?.run?.leave(asked.steady, records);
    await limits;
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
        : suspectsOf(hosts, {
            target: target.name,
            plan: ssh.plan,
            credential: toFixed(ssh.credential, esxi),
          }),
    keepKnown: (options) => keepKnown(order, { ssh, finished: asked.finished, hosts }, deps, options),
  };
}

/** Only with a fresh list: else nobody knows whether its hosts are still those of the target. */
const sessionOf = ({ source, session }: ListedTarget) => (source === 'fresh' ? session : undefined);

/**
 * Whether the process of the run collects the target itself: where the batches of its larger path run side by side. One
 * that finds no room goes to a worker. Waves and addresses that several hosts have may make more batches than these.
 */
function ownBatches(order: TargetOrder, listed: ListedTarget, { config }: CollectTargetDeps): boolean {
  const hosts = listed.list?.hosts.length ?? 0;
  const { maxBatchHosts = MAX_BATCH_HOSTS } = order;
  const asks = config.esxi !== undefined && isOverSsh(order) ? Math.ceil(hosts / maxBatchHosts) : 0;
  const reads = isOverVcenter(order) ? Math.ceil(hosts / READ_SLICE) : 0;
  return order.ownHosts?.take({ hosts, batches: Math.max(asks, reads) }) ?? false;
}

/** Reads what the rows of the sweep need, of every kind. Never rejects. */
async function readTarget(
  order: TargetOrder,
  listed: ListedTarget,
  how: { own: boolean; overSsh: boolean },
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<FinishedRead[]> {
  const { runId, sweep, target, times, timeline } = order;
  const session = sessionOf(listed);
  const wanted = itemsToRead(collectorsOf(sweep), listed);
  if (session === undefined || wanted.length === 0) return [];
  const hosts = listed.list?.hosts.length ?? 0;
  let done = 0;
  const onFinished = (items: number) => {
    done = Math.min(hosts, done + items);
    if (!how.overSsh) deps.onProgress?.({ target: target.name, done, hosts });
  };
  return await readItems(
    wanted,
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      endsAt: times.workerEnd,
      timeline,
      session,
      own: how.own,
      onFinished,
    },
    deps,
    options,
  );
}

const isLost = ({ result, started }: FinishedBatch) => result.status === 'rejected' && started;

/** The last end of a worker that left a mark at one of the hosts, and was none that asked it alone. */
const markedUntil = (hosts: readonly BatchHost[], plan: SshPlan | undefined): number =>
  hosts
    .map(({ address }) => plan && accountOf(plan, address)?.dialling)
    .reduce((last, mark) => Math.max(last, mark?.alone === true ? 0 : (mark?.until ?? 0)), 0);

/**
 * What must be known before anybody logs in; nothing where nobody would. A target without hosts to ask must not claim
 * a credential's trial: the others would wait for it, run after run.
 */
async function prepareLogins(
  order: TargetOrder,
  known: { listed: ListedTarget; netbox: NetboxPlan | undefined; esxi: EsxiConfig; holder: Holder },
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<PreparedSsh> {
  const { listed, netbox, esxi, holder } = known;
  const hosts = listed.list?.hosts ?? [];
  const skip = skipBeforeLogins(hosts, { esxi, netbox });
  const dialled = hosts.map((host) => ({
    ...normalDial(host, esxi),
    isLeftOut: skip(host) !== undefined,
  }));
  if (dialled.some(({ isLeftOut }) => !isLeftOut))
    return await prepareSsh(order.target, { esxi, holder, hosts: dialled }, deps, options);
  return {
    ...withoutLogins(order.target, esxi, deps),
    problems: await countOldFlights(order, deps, options),
  };
}

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
  const { known, credential, plan } = work.ssh ?? {};
  if (known === undefined || credential === undefined || plan === undefined) return;
  const { username, version } = credential;
  const { scope } = plan.esxi.credentials;
  const logins = work.finished.flatMap(seenLogins);
  const accepted = logins.filter(({ end }) => end === 'accepted').map(({ host }) => host);
  const pinned = work.finished.flatMap(({ hosts, result }) => {
    const morefs = new Set(result.status === 'fulfilled' ? result.value.pinned : []);
    return hosts.filter(({ moref }) => morefs.has(moref));
  });
  const learned = { accepted, version, pinned };
  const of = { target: target.name, username, scope, hosts: work.hosts };
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

/** Once a run, for all its targets. */
const countLeft = (
  { runId, leftFlights }: TargetOrder,
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<readonly string[]> =>
  leftFlights.get(() =>
    countLeftFlights({ holder: runId, configured: sweptTargets(deps.config) }, deps, options),
  );

/** What is wrong with it. Not done, an old flight would be counted after a lift that was meant for it. */
async function countOldFlights(
  order: TargetOrder,
  deps: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<readonly string[]> {
  try {
    await countLostFlights({ sweep: order.sweep.name, target: order.target.name }, deps, options);
    return await countLeft(order, deps, options);
  } catch (error) {
    return [messageOf(error)];
  }
}

/** The way to the workers, with the record of what is under way and the progress that is told. */
function openDispatcher(
  { runId, sweep, target, times, timeline, maxBatchHosts: maxHosts = MAX_BATCH_HOSTS }: TargetOrder,
  work: {
    own: boolean;
    credential: Credential | undefined;
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
      credential: credential && toFixed(credential, deps.config.esxi),
      own,
      maxHosts,
    },
    {
      ...deps,
      record: flights,
    },
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
  { credential: { username, version }, known }: { credential: Credential } & Pick<PreparedSsh, 'known'>,
  deps: CollectTargetDeps,
): Flights<BatchHost> => {
  const scope = deps.config.esxi?.credentials.scope ?? 'host';
  return openFlights(
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      version,
      endsAt: times.leaseEnd,
      keysChange: known?.keysChange,
      accountOf: ({ address }) => sshAccount({ username, scope }, address),
      hasKnownKey: (host) => hasKnownKey(host, deps.knownHosts),
    },
    deps,
  );
};

const toFixed = (
  { id, version, username }: Credential,
  esxi: EsxiConfig | undefined,
): NonNullable<BatchRequest['credential']> => ({
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
  { target, lists: { addresses } }: TargetOrder,
  { list }: ListedTarget,
  { ssh, netbox }: { ssh: PreparedSsh | undefined; netbox: NetboxPlan | undefined },
): ReturnType<typeof planHosts> {
  const plan = ssh && { ...ssh.plan, askedByOthers: ssh.plan.askedByOthers.union(addresses) };
  const hosts = planHosts(list?.hosts ?? [], { siteOf: sitesOf(target), ssh: plan, netbox });
  if (ssh?.credential === undefined) return withoutCredential(hosts);
  for (const host of hosts) if (host.ssh === 'try') addresses.add(host.address);
  return hosts;
}
