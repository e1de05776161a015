import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { isRefusal } from '../../sinks/http/errors.ts';
import type { DeliverOptions, Group, RunSeries, Sink } from '../../sinks/sink.ts';
import type { GroupStore } from '../../state/stores/groups.ts';
import { type DeliveredParts, sayDropped } from '../fill/delivered-parts.ts';
import type { Delivery } from './summary.ts';

export interface DeliverDeps {
  readonly log: Log;
  readonly groups: Pick<GroupStore, 'readAll' | 'read' | 'remove'>;
  readonly sinks: readonly Sink[];
  /** Of a sweep that wants all samples: what each sink gets. */
  readonly parts?: DeliveredParts | undefined;
}

/**
 * What each sink made of one target's result. They work side by side, and one that fails, or does not end in time,
 * costs no other one anything. Never rejects.
 */
export async function deliver(
  series: RunSeries,
  { sinks, parts }: Pick<DeliverDeps, 'sinks' | 'parts'>,
  options: {
    signal: AbortSignal;
    /** Whether the run still holds its lease. */
    holdsLease: () => Promise<boolean>;
  },
): Promise<{ readonly deliveries: readonly Delivery[]; readonly problems: readonly string[] }> {
  const ended = await Promise.all(sinks.map((sink) => deliverTo(sink, series, parts, options)));
  return {
    deliveries: ended.map(({ delivery }) => delivery),
    problems: ended.flatMap(({ problem }) => problem ?? []),
  };
}

async function deliverTo(
  sink: Sink,
  series: RunSeries,
  parts: DeliveredParts | undefined,
  options: DeliverOptions,
): Promise<{ delivery: Delivery; problem?: string }> {
  const { name } = sink;
  const refusals: unknown[] = [];
  /** What it refuses of the one part says nothing of the other. */
  const deliver = async (): Promise<Delivery['outcome']> => {
    const outcome = await sink.deliver(parts?.seriesFor(sink) ?? series, options).catch((error: unknown) => {
      if (parts === undefined || !isRefusal(error)) throw error;
      refusals.push(error);
      return 'failed' as const;
    });
    if (outcome === 'lease-lost') return outcome;
    const appended = (await parts?.append(sink, options)) ?? 'delivered';
    return appended === 'lease-lost' ? appended : outcome;
  };
  const ended = (outcome: Delivery['outcome'], told: readonly string[]) => {
    const filled = parts?.filledOf(sink);
    const dropped = filled === undefined ? [] : sayDropped(filled.dropped);
    const problems = [...told, ...dropped];
    return {
      delivery: { sink: name, outcome, ...(filled === undefined ? {} : { filled }) },
      ...(problems.length === 0 ? {} : { problem: `${name}: ${problems.join('; ')}` }),
    };
  };
  try {
    const outcome = await untilAborted(deliver(), options.signal);
    return ended(outcome, outcome === 'lease-lost' ? [LEASE_LOST] : refusals.map(messageOf));
  } catch (error) {
    const told = [...refusals, ...(error instanceof DeadlineError ? [] : [error])].map(messageOf);
    return ended('failed', error instanceof DeadlineError ? [...told, TOO_SLOW] : told);
  }
}

const TOO_SLOW = 'not delivered before the end of the run. Check its load and the network on the way to it';
const LEASE_LOST = 'not delivered, because another run took the lease; the result of that run stands';

/**
 * Lets the sinks, side by side, forget the groups that were delivered once and that the configuration no longer names. One
 * that fails waits for the next run and holds up no other one: the record of a group, which all sinks share, goes when every
 * sink has forgotten it. Never rejects.
 */
export async function forgetLeftoverGroups(
  configured: readonly Group[],
  { groups, sinks, log }: DeliverDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  if (sinks.length === 0) return;
  const recorded = await groups.readAll(options).catch((error: unknown) => {
    log.warn('the list of pushed groups could not be read', { error: messageOf(error) });
    return [];
  });
  const leftover = recorded.filter(
    ({ job, instance }) => !configured.some((one) => one.job === job && one.instance === instance),
  );
  const missing = new Map(leftover.map((group) => [group, sinks.length]));
  const forgetAll = async (sink: Sink) => {
    for (const group of leftover) {
      if (options.signal.aborted) return;
      if (!(await forget(group, { sink, log }, options))) continue;
      const left = (missing.get(group) ?? 0) - 1;
      missing.set(group, left);
      if (left === 0) await removeRecord(group, { groups, log }, options);
    }
  };
  await Promise.all(sinks.map(forgetAll));
}

/** Unless parts are on record still: they are at a Pushgateway that the configuration does not name at present. */
async function removeRecord(
  group: Group,
  { groups, log }: Pick<DeliverDeps, 'groups' | 'log'>,
  options: { signal: AbortSignal },
): Promise<void> {
  try {
    const record = await groups.read(group, options);
    if (record === undefined || record.parts.length === 0) await groups.remove(group, options);
  } catch (error) {
    const fields = { ...group, error: messageOf(error) };
    log.warn('the record of a group that was deleted stays until the next run', fields);
  }
}

/** Whether nothing of it is left in the sink. */
async function forget(
  group: Group,
  { sink, log }: { sink: Sink; log: Log },
  options: { signal: AbortSignal },
): Promise<boolean> {
  const fields = { ...group, sink: sink.name };
  try {
    const isDeleted = await sink.forget(group, options);
    if (isDeleted) log.info('deleted a group that the configuration no longer names', fields);
    return true;
  } catch (error) {
    const message = 'a group that the configuration no longer names could not be deleted';
    log.warn(message, { ...fields, error: messageOf(error) });
    return false;
  }
}
