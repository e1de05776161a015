import { probesOf, runsBy } from '../../collectors/needs.ts';
import type { ProcessMemory } from '../../logins/history/process-memory.ts';
import { type SshCredential, sshAccount } from '../../logins/rules/principal.ts';
import { type Flights, openFlights } from '../../logins/trial/flights.ts';
import { RECORD_MS } from '../../logins/trial/keep-record.ts';
import { type Deadline, startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { startGrace } from '../../platform/grace.ts';
import type { BatchHost } from '../batch.ts';
import { type AskedHosts, type AskHostsDeps, askHosts } from '../dispatch/ask-hosts.ts';
import { createDispatcher, type DispatchDeps, type Dispatcher } from '../dispatch/dispatch.ts';
import type { KeptResults } from '../dispatch/kept-results.ts';
import { planAgain } from '../dispatch/plan-again.ts';
import type { Holder, PreparedSsh } from '../dispatch/ssh-plan.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { watched } from '../dispatch/watched.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { keepSites, type ListedTarget } from '../listing/list-target.ts';
import { addressOf } from '../plan/address.ts';
import { MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { hasKnownKey } from '../plan/host-trust.ts';
import { type NetboxPlan, planNetbox } from '../plan/netbox-plan.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import type { AskedTarget } from './asked-target.ts';
import {
  type BeforeLoginsDeps,
  countLeft,
  lookBeforePlan,
  planOnce,
  prepareLogins,
} from './before-logins.ts';
import { itBroke, lostHosts } from './broken-run.ts';
import { joinTurns, restOf } from './joined-turns.ts';
import { type Progress, tell } from './progress.ts';
import { unlessRunWaits } from './run-first.ts';
import { type HeldTurn, type SshTurn, type SshTurnDeps, sweepsOverSsh, takeSshTurn } from './ssh-turn.ts';
import { whileInTurn } from './while-in-turn.ts';

export type AskTargetDeps = BeforeLoginsDeps &
  AskHostsDeps &
  DispatchDeps &
  SshTurnDeps & {
    readonly memory?: Pick<ProcessMemory, 'note'>;
    readonly onProgress?: (progress: Progress) => void;
  };

/** Whether the sweep asks hosts by ssh. */
export const isOverSsh = ({ sweep }: Pick<TargetOrder, 'sweep'>): boolean =>
  runsBy(collectorsOf(sweep), 'ask');

/**
 * What stands in where a fault in vsweep ended the asking: every host of the list, lost as those of a lost batch are. What
 * is read of them and of other objects is nobody's loss.
 */
function askedNothing(
  { target }: Pick<TargetOrder, 'target'>,
  listed: ListedTarget,
  error: unknown,
): AskedTarget {
  const hosts = lostHosts(target, listed);
  const lost = { hosts, batch: 0, started: false, result: { status: 'rejected', reason: error } } as const;
  return { hosts, finished: hosts.length === 0 ? [] : [lost], problems: [itBroke(error)], isLossy: true };
}

/**
 * A process that asks single hosts does not go by what it remembers: with each such process a host would have one more
 * refusal to expect while the table is away (rule 8).
 */
const byTableAlone = ({ memory, ...deps }: AskTargetDeps): AskTargetDeps =>
  memory === undefined
    ? deps
    : { ...deps, memory: { ...memory, recall: () => undefined, hasFlown: () => false } };

interface AskWork {
  readonly listed: ListedTarget;
  readonly own: boolean;
  readonly overSsh: boolean;
  readonly kept: KeptResults;
}

/**
 * Asks the hosts of a listed target that may be asked, in the order in which they may be logged in to. Never rejects: a
 * fault in vsweep loses the hosts, but no record of what was under way, which is still to be struck off.
 */
export async function askTarget(
  order: TargetOrder,
  work: AskWork,
  deps: AskTargetDeps,
  options: { collecting: Deadline; signal: AbortSignal },
): Promise<AskedTarget> {
  let flights: Flights<BatchHost> | undefined;
  const onFlights = (opened: Flights<BatchHost>) => {
    flights = opened;
  };
  try {
    const byRules = order.host === undefined ? deps : byTableAlone(deps);
    return await askHostsOf(order, { ...work, onFlights }, byRules, options);
  } catch (error) {
    const message = `target ${order.target.name}: asking its hosts ended by an internal error`;
    deps.log.error(message, { error: messageOf(error) });
    return { ...askedNothing(order, work.listed, error), flights };
  }
}

async function askHostsOf(
  order: TargetOrder,
  work: AskWork & { readonly onFlights: (opened: Flights<BatchHost>) => void },
  deps: AskTargetDeps,
  { collecting, signal }: { collecting: Deadline; signal: AbortSignal },
): Promise<AskedTarget> {
  const { listed, overSsh } = work;
  const { runId, sweep, target, times } = order;
  const { esxi } = deps.config;
  const own = {
    sweep: sweep.name,
    runId,
    endsAt: times.leaseEnd,
    logins: order.logins,
    countLeft: (options: { signal: AbortSignal }) => countLeft(order, deps, options),
    lists: order.lists,
  };
  const netbox = await askNetbox(order, listed, deps, collecting);
  const claimed = new Set<string>();
  const parts: AskedTarget[] = [];
  let rest: ReadonlySet<string> | undefined;
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    const turn = overSsh && esxi !== undefined ? await takeSshTurn(order, deps, collecting) : undefined;
    const isCertain = turn?.kind === 'held' && !turn.isByMemory;
    const others = isCertain
      ? sweepsOverSsh(deps.config, target.name).filter((name) => name !== sweep.name)
      : [];
    const holder = { ...own, others };
    const firstBatch = parts.flatMap(({ finished }) => finished).reduce(behind, 0);
    const part = { ...work, netbox, holder, turn, rest, claimed, firstBatch };
    try {
      parts.push(await askInTurn(order, part, deps, { collecting, signal }));
    } finally {
      if (turn?.kind === 'held') await turn.release();
    }
    rest = restOf(parts);
    // A turn in which no host was asked was lost, not given: then the next run tries again.
    if (rest.size >= left || collecting.signal.aborted) break;
    left = rest.size;
  }
  return joinTurns(parts);
}

/** A worker takes each number of a run once. */
const behind = (next: number, { batch }: FinishedBatch): number => Math.max(next, batch + 1);

async function askInTurn(
  order: TargetOrder,
  work: AskWork & {
    readonly onFlights: (opened: Flights<BatchHost>) => void;
    readonly netbox: NetboxPlan | undefined;
    readonly holder: Holder;
    /** Undefined where nobody is asked by ssh. */
    readonly turn: SshTurn | undefined;
    /** The hosts that earlier turns left, by their managed object ids; undefined in the first one. */
    readonly rest: ReadonlySet<string> | undefined;
    readonly claimed: Set<string>;
    readonly firstBatch: number;
  },
  deps: AskTargetDeps,
  { collecting, signal }: { collecting: Deadline; signal: AbortSignal },
): Promise<AskedTarget> {
  const { listed, own, overSsh, kept, onFlights, netbox, holder, turn, rest, claimed, firstBatch } = work;
  const { target } = order;
  const { esxi } = deps.config;
  let ssh =
    turn !== undefined && esxi !== undefined
      ? await prepareLogins(order, { listed, netbox, esxi, holder, turn }, deps, collecting)
      : undefined;
  let asked: AskedHosts = { finished: [] };
  let isBroken = true;
  const sent: Promise<FinishedBatch>[] = [];
  let finished: readonly FinishedBatch[] = [];
  let flights: Flights<BatchHost> | undefined;
  let hosts: readonly BatchHost[] = [];
  try {
    if (ssh !== undefined) ssh = await lookBeforePlan(order, { listed, ssh, rest }, deps, collecting);
    const planned = planOnce(order, listed, { ssh, netbox, claimed });
    hosts = rest === undefined ? planned : planned.filter(({ moref }) => rest.has(moref));
    const doneBefore = planned.length - hosts.length;
    // The hosts of a lost worker are sent twice.
    const tellDone = (done: number) =>
      tell(
        {
          target: target.name,
          done: Math.min(doneBefore + done, planned.length),
          hosts: planned.length,
        },
        deps,
      );
    tellDone(0);
    const credential = ssh?.credential;
    if (credential !== undefined && ssh?.plan.fromMemory !== true) {
      flights = openFlightsOf(order, credential, ssh?.known?.keysChange, deps);
      onFlights(flights);
    }
    const inTurn = turn?.kind === 'held' ? givingWay(turn, ssh) : undefined;
    const whileHeld = inTurn ? whileInTurn(inTurn, flights) : flights;
    const pair = { sweep: order.sweep.name, target: target.name };
    const record = order.host === undefined ? whileHeld : unlessRunWaits(pair, whileHeld, deps);
    const isShort = inTurn?.isWanted !== undefined;
    const work = { own, kept, credential, flights, record, firstBatch, isShort };
    const dispatcher = watched(openDispatcher(order, work, deps, collecting), sent, (done) =>
      overSsh ? tellDone(done) : undefined,
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
    const isAgain = rest !== undefined;
    asked = await askHosts(order, { hosts, isAgain, ssh, dispatcher, planLost, land }, deps, { signal });
    isBroken = false;
  } finally {
    // Also of a run that is stopped, and of one that broke: what stands of it then counts for a refusal of each host.
    finished = await Promise.all(sent);
    if (ssh?.credential !== undefined)
      for (const batch of isBroken ? finished : asked.finished)
        deps.memory?.note(batch, ssh.credential, { owed: flights?.isRemembered(batch.batch) ?? true });
    using records = startGrace({ ...deps, ms: RECORD_MS, isUnderWay: () => true, signal });
    await flights?.land(finished, records);
    await ssh?.run?.leave(asked.steady, records);
  }
  const problems = [...finished.flatMap((batch) => batch.problems ?? []), ...(asked.problems ?? [])];
  const isLossy = asked.finished.some(isLost) || (asked.problems ?? []).length > 0;
  return { ...asked, hosts, problems, netbox, ssh, flights, isLossy };
}

/**
 * A turn is given back between batches only where each host has an account of its own and the credential is in use: a
 * trial, and the one account of a domain, are one matter for all hosts of a run.
 */
function givingWay(turn: HeldTurn, ssh: PreparedSsh | undefined): HeldTurn {
  const mayGiveWay = ssh?.run?.permission.kind === 'open' && ssh.plan.esxi.credentials.scope !== 'domain';
  if (mayGiveWay) return turn;
  const { isWanted: _never, ...whole } = turn;
  return whole;
}

const isLost = ({ result, started }: FinishedBatch) => result.status === 'rejected' && started;

/** They are asked at once, so that such a batch takes no longer than its slowest host. */
const SHORT_BATCH_HOSTS = 25;

/** The way to the workers, with the record of what is under way and the progress that is told. */
function openDispatcher(
  { runId, sweep, target, times, timeline, probes, maxBatchHosts: maxHosts = MAX_BATCH_HOSTS }: TargetOrder,
  work: {
    own: boolean;
    kept: KeptResults;
    credential: SshCredential | undefined;
    record: Pick<Flights<BatchHost>, 'begin'> | undefined;
    firstBatch: number;
    /** Others may wait for its batches. */
    isShort: boolean;
  },
  deps: AskTargetDeps,
  options: { signal: AbortSignal },
): Dispatcher {
  const { own, kept, credential, record, firstBatch, isShort } = work;
  return createDispatcher(
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      endsAt: times.workerEnd,
      timeline,
      credential,
      probes: [...(probes ?? probesOf(collectorsOf(sweep)))],
      own,
      kept,
      firstBatch,
      maxHosts: isShort ? Math.min(SHORT_BATCH_HOSTS, maxHosts) : maxHosts,
    },
    { ...deps, record },
    options,
  );
}

/** What NetBox says of the listed hosts; a site that is new is kept for the runs in which it says nothing. */
async function askNetbox(
  { netbox, target }: TargetOrder,
  listed: ListedTarget,
  deps: AskTargetDeps,
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
  deps: AskTargetDeps,
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
