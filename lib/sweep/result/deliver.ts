import { encodeExposition } from '../../metrics/encode-exposition.ts';
import type { Family } from '../../metrics/family.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Exporter } from '../../sinks/exporter.ts';
import type { Pushgateway } from '../../sinks/pushgateway.ts';
import type { GroupStore } from '../../state/stores/groups.ts';
import type { TargetSummary } from './summary.ts';

export interface DeliverDeps {
  readonly log: Log;
  readonly groups: GroupStore;
  /** Absent when nothing is pushed. */
  readonly pushgateway?: Pick<Pushgateway, 'put' | 'delete'> | undefined;
  /** Absent when nothing is served. */
  readonly exporter?: Pick<Exporter, 'publish'> | undefined;
}

export interface Delivery {
  readonly group: { readonly job: string; readonly instance: string };
  readonly families: readonly Family[];
  /** The exporter drops it from then on; milliseconds since the epoch. */
  readonly validUntil: number;
  /** Whether the run still holds its lease; asked just before the push. */
  readonly holdsLease: () => Promise<boolean>;
}

/** What each sink made of one target's result. Never rejects. */
export async function deliver(
  delivery: Delivery,
  deps: DeliverDeps,
  options: { signal: AbortSignal },
): Promise<Pick<TargetSummary, 'push' | 'published'> & { readonly problems: readonly string[] }> {
  const served = publish(delivery, deps);
  const pushed = await push(delivery, deps, options);
  return {
    published: served.published,
    push: pushed.push,
    problems: [served.problem, pushed.problem].filter((problem) => problem !== undefined),
  };
}

function publish(
  { group, families, validUntil }: Delivery,
  { exporter }: DeliverDeps,
): { published: boolean; problem?: string } {
  try {
    exporter?.publish(`${group.job}/${group.instance}`, { families, validUntil });
    return { published: exporter !== undefined };
  } catch (error) {
    return { published: false, problem: `the result is not served: ${messageOf(error)}` };
  }
}

async function push(
  { group, families, holdsLease }: Delivery,
  deps: DeliverDeps,
  options: { signal: AbortSignal },
): Promise<{ push: TargetSummary['push']; problem?: string }> {
  if (deps.pushgateway === undefined) return { push: 'not-configured' };
  try {
    await recordGroup(group, deps, options);
    if (!(await holdsLease())) return { push: 'lease-lost', problem: LEASE_LOST };
    await deps.pushgateway.put(group, encodeExposition(families), options);
    return { push: 'pushed' };
  } catch (error) {
    return { push: 'failed', problem: error instanceof DeadlineError ? TOO_SLOW : messageOf(error) };
  }
}

const TOO_SLOW =
  'the push did not end by the end of the run. Check the load of the Pushgateway and the way to it';
const LEASE_LOST = 'another run took the lease before the push, so its result stands';

/** Before the push, so that a group is never at the gateway without being known; without the table it is pushed. */
async function recordGroup(
  { job, instance }: Delivery['group'],
  deps: DeliverDeps,
  options: { signal: AbortSignal },
) {
  try {
    await deps.groups.record(job, instance, options);
  } catch (error) {
    deps.log.warn('a pushed group could not be recorded', { job, instance, error: messageOf(error) });
  }
}

/**
 * Deletes the groups that were pushed once and that the configuration no longer names. One that fails waits for the
 * next run and holds up no other. Never rejects.
 */
export async function deleteLeftoverGroups(
  configured: readonly { readonly job: string; readonly instance: string }[],
  { groups, pushgateway, log }: DeliverDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  if (pushgateway === undefined) return;
  const recorded = await groups.readAll(options).catch((error: unknown) => {
    log.warn('the groups that were pushed could not be read', { error: messageOf(error) });
    return [];
  });
  const leftover = recorded.filter(
    ({ job, instance }) => !configured.some((one) => one.job === job && one.instance === instance),
  );
  for (const group of leftover) {
    if (options.signal.aborted) return;
    try {
      await pushgateway.delete(group, options);
      await groups.remove(group.job, group.instance, options);
      log.info('deleted a group that the configuration no longer names', { ...group });
    } catch (error) {
      log.warn('a group that the configuration no longer names could not be deleted', {
        ...group,
        error: messageOf(error),
      });
    }
  }
}
