import type { EsxiConfig } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { PRINCIPAL } from '../../lockout/account-history.ts';
import { startDeadline } from '../../platform/deadline.ts';
import type { CredentialRun } from '../accounts/credential-run.ts';
import { type Flights, openFlights } from '../accounts/flights.ts';
import type { ProcessMemory } from '../accounts/process-memory.ts';
import type { BatchHost, BatchRequest } from '../batch.ts';
import { addressOf } from '../plan/address.ts';
import { MAX_BATCH_HOSTS } from '../plan/batch-size.ts';
import { type NetboxPlan, planNetbox } from '../plan/netbox-plan.ts';
import { accountOf, planHosts, type SshPlan, sliceBatches } from '../plan/plan-hosts.ts';
import { sendByAddress } from '../plan/shared-addresses.ts';
import { type PreparedSsh, prepareSsh, type SshPlanDeps } from '../plan/ssh-plan.ts';
import { inTrialOrder, seenLogins, sendInWaves, sumLogins } from '../plan/waves.ts';
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
  const holder = { sweep: sweep.name, runId, endsAt: times.leaseEnd };
  // A target without hosts must not claim a credential's trial: the others would wait for it, run after run.
  const hasHosts = listed.list !== undefined;
  const netbox = await askNetbox(order, listed, deps, collecting);
  const ssh = overSsh && hasHosts ? await prepareSsh(target, { esxi, holder }, deps, collecting) : undefined;
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
      beforeInvoke: (batch, options) => flights?.begin(batch, options) ?? Promise.resolve(),
      onFinished: (count) => {
        done += count;
        deps.onProgress?.({ target: target.name, done, hosts: hosts.length });
      },
    },
    collecting,
  );
  const finished =
    ssh?.run === undefined
      ? await sendKnown(hosts, {
          maxHosts: order.maxBatchHosts ?? MAX_BATCH_HOSTS,
          hasCredential: ssh?.credential !== undefined,
          send: dispatcher.send,
        })
      : await askInOrder(order, { hosts, plan: ssh.plan, run: ssh.run, dispatcher }, deps, { signal });
  await flights?.land(finished, { signal });
  if (ssh?.credential !== undefined)
    noteLogins(finished, { ...ssh, credential: ssh.credential, isRecorded }, deps);
  return {
    listed,
    merged: mergeBatches(finished, { collectors, overSsh }),
    collectors,
    overSsh,
    problems: [...listed.problems, ...(netbox?.verdict.problems ?? []), ...(ssh?.problems ?? [])],
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
  return Promise.all(sliceBatches(hosts, work.maxHosts).map(work.send));
}

/** Proven hosts all at once, beside them the others in waves; then what it all says of the credential. */
async function askInOrder(
  { times, maxBatchHosts: maxHosts = MAX_BATCH_HOSTS }: TargetOrder,
  work: { hosts: readonly BatchHost[]; plan: SshPlan; run: CredentialRun; dispatcher: Dispatcher },
  { clock, random }: CollectTargetDeps,
  options: { signal: AbortSignal },
): Promise<FinishedBatch[]> {
  const { hosts, plan, run, dispatcher } = work;
  const isDomain = plan.esxi.credentials.scope === 'domain';
  const acceptedBefore = ({ address }: BatchHost) => accountOf(plan, address)?.provenVersion !== undefined;
  const lastWave = clock.now() + (times.workerEnd - clock.now()) * WAVE_SHARE;
  const trial = isDomain || run.permission.kind === 'trial';
  // In a trial nobody is proven: a suspended credential was, on every host.
  const isInWaves = ({ ssh, proven }: BatchHost) => ssh === 'try' && (trial || !proven);
  const inWaves = hosts.filter(isInWaves);
  const atOnce = hosts.filter((host) => !isInWaves(host));
  const [steady, waves] = await Promise.all([
    sendByAddress(atOnce, { maxHosts, send: dispatcher.send }),
    sendInWaves(
      inTrialOrder(inWaves, { acceptedBy: run.acceptedBy, acceptedBefore, random }),
      {
        trial,
        isDomain,
        allowance: Math.max(MIN_ALLOWANCE, Math.floor(hosts.length * ALLOWANCE_SHARE)),
        maxHosts,
        isLate: () => clock.now() > lastWave,
        acceptedBefore,
      },
      {
        send: dispatcher.send,
        // Of a credential in use the hosts in waves are the odd ones out: they count together with the others.
        onTally: async (tally, host) => (trial ? run.judge(tally, host?.address, options) : undefined),
      },
    ),
  ]);
  const ends = sumLogins(trial ? steady : [...steady, ...waves], acceptedBefore);
  await run.judge(ends, ends.acceptedBy?.address, options);
  await run.end(options);
  return [...steady, ...waves];
}

/** For a later run that may not be able to read the table. */
function noteLogins(
  finished: readonly FinishedBatch[],
  { plan, credential, isRecorded }: { plan: SshPlan; credential: Credential; isRecorded: boolean },
  { memory }: CollectTargetDeps,
): void {
  const { username: user, version } = credential;
  const seen = finished
    .flatMap((batch) => seenLogins(batch))
    .map(({ host, end }) => ({
      address: plan.esxi.credentials.scope === 'domain' ? PRINCIPAL : host.address,
      end,
    }));
  memory?.note({ user, version }, seen, { owed: !isRecorded });
}

const MIN_ALLOWANCE = 3;
const ALLOWANCE_SHARE = 0.02;
/** The share of the worker's time in which a wave may begin. */
const WAVE_SHARE = 0.6;

function openFlightsOf(order: TargetOrder, credential: Credential, deps: CollectTargetDeps): Flights {
  const isDomain = deps.config.esxi?.credentials.scope === 'domain';
  return openFlights(
    {
      sweep: order.sweep.name,
      target: order.target.name,
      credential,
      addressOf: ({ address }) => (isDomain ? PRINCIPAL : address),
    },
    deps,
  );
}

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
  { target, asked }: TargetOrder,
  { list }: ListedTarget,
  { ssh, netbox }: { ssh: PreparedSsh | undefined; netbox: NetboxPlan | undefined },
): ReturnType<typeof planHosts> {
  const plan = ssh && { ...ssh.plan, askedByOthers: ssh.plan.askedByOthers.union(asked) };
  const hosts = planHosts(list?.hosts ?? [], { siteOf: sitesOf(target), ssh: plan, netbox });
  if (ssh?.credential !== undefined) {
    for (const host of hosts) if (host.ssh === 'try') asked.add(host.address);
  }
  return hosts;
}
