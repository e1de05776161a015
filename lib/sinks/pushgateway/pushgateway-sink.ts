import { encodeExposition } from '../../metrics/encode-exposition.ts';
import { newestSamples } from '../../metrics/newest-samples.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { DeliverOptions, Group, RunSeries, Sink } from '../sink.ts';
import type { Pushgateway } from './client.ts';
import { partsOf, splitFamilies, splitFor } from './split.ts';

/** What is known of a group at the gateway. */
export interface GroupRecord {
  /** Among how many groups its series are divided. */
  readonly split: number;
  /** Every part that may be at the gateway, by its name in `partsOf`; more than the split while it changes. */
  readonly parts: readonly string[];
}

/** Groups that may be at the gateway. What is not recorded there would never be deleted. */
export interface GroupRecords {
  /** Before a push: the record of the group, which is made when it is new. */
  record(group: Group, options: { signal: AbortSignal }): Promise<GroupRecord>;
  change(group: Group, record: GroupRecord, options: { signal: AbortSignal }): Promise<void>;
  read(group: Group, options: { signal: AbortSignal }): Promise<GroupRecord | undefined>;
  remove(group: Group, options: { signal: AbortSignal }): Promise<void>;
}

export interface PushgatewaySinkDeps {
  readonly gateway: Pick<Pushgateway, 'put' | 'delete'>;
  readonly groups: GroupRecords;
  readonly log: Log;
  /** Of one group; the gateway checks all of a push at once, and proxies before it bound its size. */
  readonly maxSeries?: number;
}

const MAX_SERIES = 100_000;
const NEW: GroupRecord = { split: 1, parts: partsOf(1) };

/**
 * One PUT a group, which replaces all that it held. More than `maxSeries` series are divided among groups with a
 * further label, `vsweep_part`. Every part is recorded before it is pushed, and parts of an older split are deleted
 * when the new ones are there: a run that is killed in between leaves series twice, until the next one, and never a
 * group that nobody knows of.
 */
export function createPushgatewaySink(deps: PushgatewaySinkDeps): Sink {
  const { gateway, groups, maxSeries = MAX_SERIES } = deps;

  async function deliver(
    { group, families: timed }: RunSeries,
    { signal, holdsLease }: DeliverOptions,
  ): Promise<'delivered' | 'lease-lost'> {
    const families = newestSamples(timed);
    const before = await recordGroup(group, deps, { signal });
    const series = families.reduce((sum, { samples }) => sum + samples.length, 0);
    const split = splitFor(series, before.split, maxSeries);
    const parts = partsOf(split);
    const all = [...new Set([...before.parts, ...parts])];
    if (split !== before.split || all.length > before.parts.length) {
      await changeRecord(group, { split, parts: all }, deps, { signal });
    }
    const divided = splitFamilies(families, split);
    for (const [index, part] of parts.entries()) {
      if (!(await holdsLease())) return 'lease-lost';
      await gateway.put({ ...group, part }, encodeExposition(divided[index] ?? []), { signal });
    }
    await deleteStale(group, { split, stale: all.filter((part) => !parts.includes(part)) }, deps, { signal });
    return 'delivered';
  }

  return {
    name: 'pushgateway',
    deliver,
    async forget(group, options) {
      const { parts } = (await groups.read(group, options)) ?? NEW;
      for (const part of parts) await gateway.delete({ ...group, part }, options);
      await groups.remove(group, options);
    },
  };
}

/** Without the state table the group is pushed all the same, as one that is not known. */
async function recordGroup(
  group: Group,
  { groups, log }: PushgatewaySinkDeps,
  options: { signal: AbortSignal },
): Promise<GroupRecord> {
  try {
    return await groups.record(group, options);
  } catch (error) {
    log.warn('a pushed group could not be recorded', { ...group, error: messageOf(error) });
    return NEW;
  }
}

async function changeRecord(
  group: Group,
  record: GroupRecord,
  { groups, log }: PushgatewaySinkDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  try {
    await groups.change(group, record, options);
  } catch (error) {
    log.warn('the parts of a pushed group could not be recorded', { ...group, error: messageOf(error) });
  }
}

/** What fails is on record and tried again by the next run. */
async function deleteStale(
  group: Group,
  { split, stale }: { split: number; stale: readonly string[] },
  deps: PushgatewaySinkDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  if (stale.length === 0) return;
  try {
    for (const part of stale) await deps.gateway.delete({ ...group, part }, options);
  } catch (error) {
    const fields = { ...group, error: messageOf(error) };
    deps.log.warn('parts of an older split of a group could not be deleted', fields);
    return;
  }
  await changeRecord(group, { split, parts: partsOf(split) }, deps, options);
}
