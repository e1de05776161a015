import { runsBy } from '../../collectors/needs.ts';
import { sweptTargets } from '../../config/cross-checks.ts';
import { LOOK_UP_SHARE, lookUpKeys } from '../../config/known-hosts/look-up-keys.ts';
import type { EsxiConfig } from '../../config/schema.ts';
import { countLostFlights } from '../../logins/trial/flights.ts';
import { countFlightsBeside } from '../../logins/trial/flights-beside.ts';
import { countLeftFlights, type LeftFlightDeps } from '../../logins/trial/left-flights.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { BatchHost } from '../batch.ts';
import {
  type Holder,
  type PreparedSsh,
  prepareSsh,
  type SshPlanDeps,
  withoutLogins,
} from '../dispatch/ssh-plan.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { sitesOf } from '../listing/configured-hosts.ts';
import type { ListedTarget } from '../listing/list-target.ts';
import { normalDial } from '../plan/address.ts';
import { hostsOfLimits } from '../plan/host-limits.ts';
import type { NetboxPlan } from '../plan/netbox-plan.ts';
import { planHosts, withoutCredential } from '../plan/plan-hosts.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { skipBeforeLogins } from '../plan/who-is-asked.ts';
import { type ReadLimitsDeps, readLimits } from './read-limits.ts';
import { sessionOf } from './read-target.ts';
import type { SshTurn } from './ssh-turn.ts';

export type BeforeLoginsDeps = SshPlanDeps & LeftFlightDeps & ReadLimitsDeps;

/**
 * What must be known before anybody logs in; nothing where nobody would. A target without hosts to ask must not claim
 * a credential's trial: the others would wait for it, run after run.
 */
export async function prepareLogins(
  order: TargetOrder,
  known: {
    listed: ListedTarget;
    netbox: NetboxPlan | undefined;
    esxi: EsxiConfig;
    holder: Holder;
    turn: SshTurn;
  },
  deps: BeforeLoginsDeps,
  options: { signal: AbortSignal },
): Promise<PreparedSsh> {
  const { listed, netbox, esxi, holder, turn } = known;
  const busy = (why: string): PreparedSsh => {
    const without = withoutLogins(order.target, esxi, deps);
    return { ...without, plan: { ...without.plan, busy: why } };
  };
  if (turn.kind === 'busy') return busy(turn.why);
  const hosts = listed.list?.hosts ?? [];
  const skip = skipBeforeLogins(hosts, { esxi, netbox });
  const dialled = hosts.map((host) => ({
    ...normalDial(host, esxi),
    isLeftOut: skip(host) !== undefined,
  }));
  if (dialled.some(({ isLeftOut }) => !isLeftOut)) {
    const prepared = await prepareSsh(order.target, { esxi, holder, hosts: dialled }, deps, options);
    if (!turn.isByMemory || prepared.run === undefined) return prepared;
    // The table is back, so others may take the turn beside this run.
    await prepared.run.leave(undefined, options);
    return busy(BACK_AGAIN);
  }
  return {
    ...withoutLogins(order.target, esxi, deps),
    problems: await countOldFlights(order, holder, deps, options),
  };
}

const BACK_AGAIN =
  'no login was tried: the state table could not be asked whether another sweep asks the hosts of this target by ssh. The next run tries again';

/**
 * Once a run, for all its targets. With the one account of a domain what any sweep lost on any target has to be known
 * before the first login.
 */
export const countLeft = (
  { runId, leftFlights }: TargetOrder,
  deps: BeforeLoginsDeps,
  options: { signal: AbortSignal },
): Promise<readonly string[]> =>
  leftFlights.get(() => {
    const isDomain = deps.config.esxi?.credentials.scope === 'domain';
    const byTheirOwn = isDomain ? [] : pairsAsked(deps.config);
    return countLeftFlights({ runId, byTheirOwn, isForAll: isDomain }, deps, options);
  });

/** The sweeps and targets whose own runs count; those of a sweep that asks by ssh no more do not. */
const pairsAsked = (config: BeforeLoginsDeps['config']) =>
  sweptTargets({ ...config, sweeps: config.sweeps.filter((sweep) => runsBy(collectorsOf(sweep), 'ask')) });

/** What is wrong with it. Not done, an old flight would be counted after a lift that was meant for it. */
async function countOldFlights(
  order: TargetOrder,
  { sweep, others, runId: asking }: Holder,
  deps: BeforeLoginsDeps,
  options: { signal: AbortSignal },
): Promise<readonly string[]> {
  try {
    await countLostFlights({ sweeps: [sweep], target: order.target.name, asking }, deps, options);
    await countFlightsBeside({ sweeps: others, target: order.target.name }, deps, options);
    return await countLeft(order, deps, options);
  } catch (error) {
    return [messageOf(error)];
  }
}

/**
 * What is found out of hosts before it is planned which of them are asked: their keys, and their lockout limits. Of `rest`
 * only, where an earlier turn asked the others: somebody may wait for this one.
 */
export async function lookBeforePlan(
  { times, timeline }: TargetOrder,
  { listed, ssh, rest }: { listed: ListedTarget; ssh: PreparedSsh; rest?: ReadonlySet<string> | undefined },
  deps: BeforeLoginsDeps,
  { signal }: { signal: AbortSignal },
): Promise<PreparedSsh> {
  const dialled = (listed.list?.hosts ?? [])
    .filter(({ moref }) => rest?.has(moref) ?? true)
    .map((host) => ({ ...normalDial(host, ssh.plan.esxi), moref: host.moref }));
  const left = timeline.msUntil(times.workerEnd);
  using looking = startDeadline({
    clock: deps.clock,
    ms: left * LOOK_UP_SHARE,
    what: 'looking up host keys',
    signal,
  });
  // Without the histories of this run nobody knows whose limits matter, and what is remembered is left as it is.
  const hosts = ssh.known === undefined ? [] : hostsOfLimits(dialled, ssh.plan);
  const by = {
    session: sessionOf(listed),
    username: ssh.credential?.username ?? '',
    ms: Math.min(LIMITS_MS, left * LIMITS_SHARE),
  };
  const limits = readLimits(hosts, by, deps, { signal });
  await lookUpKeys(dialled, deps, looking);
  return { ...ssh, plan: { ...ssh.plan, limits: await limits } };
}

/** For all settings of 50 hosts at most; a vCenter that hangs holds up those that are asked for no longer. */
const LIMITS_MS = 5_000;
const LIMITS_SHARE = 1 / 8;

const leaveAlone = (host: BatchHost): BatchHost =>
  host.ssh === 'try'
    ? { ...host, ssh: { skip: 'other-process', why: 'this run asks one other host' } }
    : host;

/**
 * The plan, in which an address that another target of this run asks already is not asked again: on the first run
 * the stored lists do not tell yet. Nothing waits between looking and claiming. `claimed` has the addresses that earlier
 * turns of the run claimed for this target, and takes those of this one.
 */
export function planOnce(
  { target, host: only, lists: { addresses } }: TargetOrder,
  { list }: ListedTarget,
  {
    ssh,
    netbox,
    claimed,
  }: { ssh: PreparedSsh | undefined; netbox: NetboxPlan | undefined; claimed: Set<string> },
): ReturnType<typeof planHosts> {
  const others = addresses.difference(claimed);
  const plan = ssh && { ...ssh.plan, askedByOthers: ssh.plan.askedByOthers.union(others) };
  const all = planHosts(list?.hosts ?? [], { siteOf: sitesOf(target), ssh: plan, netbox });
  const hosts = only === undefined ? all : all.map((host) => (host.moref === only ? host : leaveAlone(host)));
  if (ssh?.credential === undefined) return withoutCredential(hosts);
  for (const { ssh: decided, address } of hosts)
    if (decided === 'try') {
      addresses.add(address);
      claimed.add(address);
    }
  return hosts;
}
