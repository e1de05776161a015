import { startDeadline } from '../platform/deadline.ts';
import { type DispatchDeps, dispatchBatches } from './dispatch.ts';
import type { ListedTarget } from './list-target.ts';
import { mergeBatches } from './merge.ts';
import { planHosts, sliceBatches } from './plan-hosts.ts';
import { type PreparedSsh, prepareSsh, type SshPlanDeps } from './ssh-plan.ts';
import type { TargetOrder } from './target-order.ts';
import type { CollectedTarget } from './target-result.ts';
import { collectorsOf } from './target-settings.ts';

export interface CollectTargetDeps extends SshPlanDeps, DispatchDeps {
  /** Called with the hosts done and in all, as batches come back. */
  readonly onProgress?: (progress: { target: string; done: number; hosts: number }) => void;
}

/** Below Lambda's 1,024 file descriptors, and few enough that a lost worker costs a small part of the fleet. */
const MAX_BATCH_HOSTS = 250;

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
  const ssh = overSsh ? await prepareSsh(target, esxi, deps, collecting) : undefined;
  const hosts = planOnce(order, listed, ssh);
  let done = 0;
  const finished = await dispatchBatches(
    sliceBatches(hosts, MAX_BATCH_HOSTS),
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      endsAt: times.workerEnd,
      credential: ssh?.credential && {
        id: ssh.credential.id,
        version: ssh.credential.version,
        username: ssh.credential.username,
      },
      needsProperties: collectors.some(({ needs }) => needs.properties.length > 0),
      session: listed.source === 'fresh' ? listed.session : undefined,
    },
    {
      ...deps,
      onFinished: (count) => {
        done += count;
        deps.onProgress?.({ target: target.name, done, hosts: hosts.length });
      },
    },
    collecting,
  );
  return {
    listed,
    merged: mergeBatches(finished, { collectors, overSsh }),
    collectors,
    overSsh,
    problems: [...listed.problems, ...(ssh?.problems ?? [])],
  };
}

/**
 * The plan, in which an address that another target of this run asks already is not asked again: on the first run
 * the stored lists do not tell yet. Nothing waits between looking and claiming.
 */
function planOnce(
  { target, asked }: TargetOrder,
  { list }: ListedTarget,
  ssh: PreparedSsh | undefined,
): ReturnType<typeof planHosts> {
  const plan = ssh && { ...ssh.plan, askedByOthers: ssh.plan.askedByOthers.union(asked) };
  const hosts = planHosts(list?.hosts ?? [], { site: target.site, ssh: plan });
  if (ssh?.credential !== undefined) {
    for (const host of hosts) if (host.ssh === 'try') asked.add(host.address);
  }
  return hosts;
}
