import { encodeExposition } from '../../metrics/encode-exposition.ts';
import type { Family } from '../../metrics/family.ts';
import { newestSamples } from '../../metrics/newest-samples.ts';
import { eachAtOnce } from '../../platform/at-once.ts';
import { messageOf } from '../../platform/errors.ts';
import type { DeliverOptions, Group, RunSeries, Sink } from '../sink.ts';
import type { Pushgateway } from './client.ts';
import { type GroupDeps, type GroupRecord, type KnownGroup, knownGroup, listParts } from './group-records.ts';
import { partsError, type RefusedPart } from './push-faults.ts';
import { partsOf, splitFamilies, splitFor } from './split.ts';

export interface PushgatewaySinkDeps extends GroupDeps {
  readonly gateway: Pick<Pushgateway, 'put' | 'delete' | 'list'>;
  /** Of one group; the gateway checks all of a push at once, and proxies before it bound its size. */
  readonly maxSeries?: number;
  /** Default 2: while one is compressed and sent, the text of another is made. */
  readonly partsAtOnce?: number | undefined;
}

const MAX_SERIES = 100_000;

/**
 * One PUT a group, which replaces all that it held. More than `maxSeries` series are divided among groups with a
 * further label, `vsweep_part`. Every part of a new split is recorded before it is pushed; where that fails, the split
 * stays as it was before. Parts of an older split are deleted when the new ones are there: a run that is killed
 * in between leaves series twice, until the next one.
 */
export function createPushgatewaySink(deps: PushgatewaySinkDeps): Sink {
  const { maxSeries = MAX_SERIES } = deps;

  async function deliver(
    { group, families: timed }: RunSeries,
    options: DeliverOptions,
  ): Promise<'delivered' | 'lease-lost'> {
    const families = newestSamples(timed);
    const known = await knownGroup(group, deps, options);
    const series = families.reduce((sum, { samples }) => sum + samples.length, 0);
    const wanted = splitFor(series, known.before.split, maxSeries);
    const settled = await settleSplit(group, { known, wanted }, deps, options);
    if (settled === 'lease-lost') return settled;
    const { split, stale } = settled;
    const pushed = await pushParts(group, splitFamilies(families, split), deps, options);
    if (pushed === 'delivered') await deleteStale(group, { split, stale }, deps, options);
    return pushed;
  }

  return {
    name: 'pushgateway',
    deliver,
    forget: (group, options) => forget(group, deps, options),
  };
}

/** Records every part that may be at the gateway from now on, and answers what to push and what to delete then. */
async function settleSplit(
  group: Group,
  { known: { before, isRecorded, canChange }, wanted }: { known: KnownGroup; wanted: number },
  deps: PushgatewaySinkDeps,
  options: DeliverOptions,
): Promise<{ split: number; stale: readonly string[] } | 'lease-lost'> {
  const parts = partsOf(wanted);
  const all = [...new Set([...before.parts, ...parts])];
  const settled = { split: wanted, stale: all.filter((part) => !parts.includes(part)) };
  if (isRecorded && wanted === before.split && all.length === before.parts.length) return settled;
  // A run that stalled must not write over the record of the one that took its lease.
  if (!(await options.holdsLease())) return 'lease-lost';
  const isChanged = canChange && (await changeRecord(group, { split: wanted, parts: all }, deps, options));
  return isChanged ? settled : { split: before.split, stale: [] };
}

const PARTS_AT_ONCE = 2;

/**
 * A part that is not taken costs no other one its values. Throws one error for all that were not. The lease is asked for
 * before a part's text is made and before each attempt to send it, because both take seconds. Once another run has it, no
 * further part is begun, and those under way are broken off.
 */
async function pushParts(
  group: Group,
  divided: readonly (readonly Family[])[],
  { gateway, partsAtOnce = PARTS_AT_ONCE }: PushgatewaySinkDeps,
  { signal, holdsLease }: DeliverOptions,
): Promise<'delivered' | 'lease-lost'> {
  const refused: (RefusedPart | undefined)[] = [];
  const lost = new AbortController();
  const sending = AbortSignal.any([signal, lost.signal]);
  const beforeAttempt = async () => {
    if (!lost.signal.aborted && !(await holdsLease())) lost.abort();
    sending.throwIfAborted();
  };
  await eachAtOnce(partsAtOnce, Array.from(partsOf(divided.length).entries()), async ([index, part]) => {
    try {
      await beforeAttempt();
      const text = encodeExposition(divided[index] ?? []);
      await gateway.put({ ...group, part }, text, { signal: sending, beforeAttempt });
    } catch (error) {
      signal.throwIfAborted();
      refused[index] = { part, error };
    }
  });
  if (lost.signal.aborted) return 'lease-lost';
  const failed = refused.filter((one) => one !== undefined);
  if (failed.length > 0) throw partsError(failed, divided.length);
  return 'delivered';
}

/** Answers whether it is on record. */
async function changeRecord(
  group: Group,
  record: GroupRecord,
  { groups, log }: PushgatewaySinkDeps,
  { signal }: { signal: AbortSignal },
): Promise<boolean> {
  try {
    await groups.change(group, record, { signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    log.warn('the parts of a pushed group could not be recorded', { ...group, error: messageOf(error) });
    return false;
  }
}

/** What fails is on record and tried again by the next run, as is what is left to a run that took the lease. */
async function deleteStale(
  group: Group,
  { split, stale }: { split: number; stale: readonly string[] },
  deps: PushgatewaySinkDeps,
  { signal, holdsLease }: DeliverOptions,
): Promise<void> {
  if (stale.length === 0) return;
  try {
    for (const part of stale) {
      // The run that took the lease may have pushed to this part.
      if (!(await holdsLease())) return;
      await deps.gateway.delete({ ...group, part }, { signal });
    }
    if (!(await holdsLease())) return;
  } catch (error) {
    const fields = { ...group, error: messageOf(error) };
    deps.log.warn('parts of an older split of a group could not be deleted', fields);
    return;
  }
  await changeRecord(group, { split, parts: partsOf(split) }, deps, { signal });
}

const NOTHING_LEFT: GroupRecord = { split: 1, parts: [] };

/** Deletes what is on record and what the gateway lists. Rejects when there is no record and the gateway lists nothing. */
async function forget(
  group: Group,
  deps: PushgatewaySinkDeps,
  options: { signal: AbortSignal },
): Promise<boolean> {
  const { gateway, groups, log } = deps;
  const recorded = await groups.read(group, options);
  const listed = await listParts(group, deps, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    if (recorded === undefined) throw error;
    log.warn('only recorded parts of a group are deleted: the gateway does not list its groups', {
      ...group,
      error: messageOf(error),
    });
    return undefined;
  });
  const parts = new Set([...(recorded?.parts ?? []), ...(listed ?? [])]);
  for (const part of parts) await gateway.delete({ ...group, part }, options);
  // A record without parts says that nothing is left here; removing it is up to who asked all sinks.
  if (recorded !== undefined) await groups.change(group, NOTHING_LEFT, options);
  return (listed?.length ?? parts.size) > 0;
}
