import { seenLogins } from '../../logins/asked-batch.ts';
import { keepKnownOfHosts } from '../../logins/history/known-of-hosts.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { BatchHost } from '../batch.ts';
import { createKeptResults, type KeptResults } from '../dispatch/kept-results.ts';
import type { FinishedRead, SweptRead } from '../dispatch/read-items.ts';
import type { PreparedSsh } from '../dispatch/ssh-plan.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { type Fill, sayCut, withSamples } from '../fill/fill.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import type { ListedTarget } from '../listing/list-target.ts';
import { batchesOf, MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { type ItemsToRead, itemsToRead, whyUnread } from '../plan/items-to-read.ts';
import { accountOf, type SshPlan } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { mergeBatches } from '../result/merge.ts';
import { nameItems } from '../result/named-items.ts';
import type { CollectedTarget } from '../result/target-result.ts';
import { type Suspect, suspectsOf } from './ask-suspects.ts';
import { type AskTargetDeps, askTarget, isOverSsh } from './ask-target.ts';
import type { AskedTarget } from './asked-target.ts';
import { readNothing, sweptNothing } from './broken-run.ts';
import { type ReadBySweepDeps, readBySweep } from './read-by-sweep.ts';
import { type ReadTargetDeps, readTarget, sessionOf } from './read-target.ts';

export type CollectTargetDeps = AskTargetDeps &
  ReadTargetDeps &
  ReadBySweepDeps & {
    /** What the sinks have of the samples of the sweep; undefined where it wants the newest ones alone. */
    readonly fill?: Fill | undefined;
  };

/** What may end this process, and so waits until all of the run is pushed. */
export interface AfterPush {
  readonly suspects: readonly Suspect[];
}

/** What only the next run needs, and so waits for the push of the target. */
interface ForNextRun {
  /** Strikes off what could not be before, and keeps what is known of the hosts. Never rejects. */
  keepForNextRun(options: { signal: AbortSignal }): Promise<void>;
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
  const listedItems = sessionOf(listed) === undefined ? [] : itemsToRead(collectorsOf(order.sweep), listed);
  const now = deps.clock.now();
  const { wanted, cut } = withSamples(listedItems, deps.fill, { sweep: order.sweep, now });
  const overSsh = deps.config.esxi !== undefined && isOverSsh(order);
  const kept = createKeptResults();
  const how = { wanted, overSsh, kept, own: isOwn(order, { listed, wanted, overSsh }) };
  // A fault in one of them must not end the target: its lease would be given back while the others still log in.
  const noteFault = (what: string, error: unknown) =>
    deps.log.error(`target ${target.name}: ${what} ended by an internal error`, { error: messageOf(error) });
  const [asked, read, swept] = await Promise.all([
    askTarget(order, { ...how, listed }, deps, { collecting, signal }),
    readTarget(order, listed, how, deps, collecting).catch((error: unknown) => {
      noteFault('reading its objects', error);
      return readNothing(wanted, error);
    }),
    readBySweep(order, { listed, kept }, deps, collecting).catch((error: unknown) => {
      noteFault('reading in the sweep itself', error);
      return sweptNothing(collectorsOf(order.sweep), listed, error);
    }),
  ]);
  const problems = [...(deps.fill?.problems ?? []), ...sayCut(cut)];
  return putTogether(order, { listed, overSsh, asked, read, swept, kept, problems }, deps);
}

function putTogether(
  order: TargetOrder,
  found: {
    listed: ListedTarget;
    overSsh: boolean;
    asked: AskedTarget;
    read: readonly FinishedRead[];
    swept: readonly SweptRead[];
    kept: KeptResults;
    problems: readonly string[];
  },
  deps: CollectTargetDeps,
): CollectedTarget & AfterPush & ForNextRun {
  const { listed, overSsh, asked, read, swept, kept } = found;
  const { hosts, finished, netbox, ssh } = asked;
  const { sweep, target } = order;
  const collectors = collectorsOf(sweep);
  const hasVcenter = target.credentials !== undefined;
  return {
    listed,
    merged: mergeBatches(
      { asked: finished, read, swept },
      {
        collectors,
        presets: deps.config.metrics,
        own: sweep.own,
        overSsh,
        hasVcenter,
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
    hasVcenter,
    problems: [
      ...listed.problems,
      // Every batch meets the same one.
      ...new Set([
        ...[...read, ...swept].flatMap((batch) => batch.problems ?? []),
        ...asked.problems,
        ...kept.problems(),
        ...found.problems,
      ]),
      ...(netbox?.verdict.problems ?? []),
      ...(ssh?.problems ?? []),
    ],
    netbox,
    credential: verdictOf(ssh, finished),
    lostBefore: { flights: ssh?.lostFlights ?? 0, markedUntil: markedUntil(hosts, ssh?.plan) },
    isLossy: asked.isLossy,
    // A run that asks one host has no login on another.
    suspects:
      ssh?.credential === undefined || order.host !== undefined
        ? []
        : suspectsOf(hosts, { target: target.name, plan: ssh.plan, credential: ssh.credential }),
    keepForNextRun: async (options) => {
      await asked.flights?.land([], options);
      await keepKnown(order, { ssh, finished, hosts }, deps, options);
    },
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
