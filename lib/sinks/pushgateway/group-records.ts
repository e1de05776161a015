import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Group } from '../sink.ts';
import type { Pushgateway } from './client.ts';
import { partsOf } from './split.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** What is known of a group at the gateway. */
export interface GroupRecord {
  /** Among how many groups its series are divided. */
  readonly split: number;
  /** Every part that may be at the gateway, by its name in `partsOf`; more than the split while it changes. */
  readonly parts: readonly string[];
}

/** Groups that may be at the gateway. What is not recorded there would never be deleted. */
export interface GroupRecords {
  /** Before a push: makes the record of a group that is new. Undefined while its parts at the gateway are not known. */
  record(group: Group, options: Options): Promise<GroupRecord | undefined>;
  change(group: Group, record: GroupRecord, options: Options): Promise<void>;
  read(group: Group, options: Options): Promise<GroupRecord | undefined>;
}

export interface GroupDeps {
  readonly gateway: Pick<Pushgateway, 'list'>;
  readonly groups: GroupRecords;
  readonly log: Log;
}

/** A group before a push. `isRecorded`: the parts are on record. `canChange`: whether they may be changed there. */
export interface KnownGroup {
  readonly before: GroupRecord;
  readonly isRecorded: boolean;
  readonly canChange: boolean;
}

const NEW: GroupRecord = { split: 1, parts: partsOf(1) };

/**
 * The record of the group. Without one (a new group, a state that was lost or is away) its parts are those that the
 * gateway lists: they were pushed by an earlier run. When it does not answer that either, the group counts as new, is
 * pushed all the same, and stays unknown, so that the next run asks again.
 */
export async function knownGroup(group: Group, deps: GroupDeps, options: Options): Promise<KnownGroup> {
  const { groups, log } = deps;
  let isAway = false;
  const recorded = await groups.record(group, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    log.warn('a pushed group could not be recorded', { ...group, error: messageOf(error) });
    isAway = true;
    return undefined;
  });
  if (recorded !== undefined) return { before: recorded, isRecorded: true, canChange: true };
  const listed = await listParts(group, deps, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    log.warn('the parts of a group at the gateway could not be listed', {
      ...group,
      error: messageOf(error),
    });
    return undefined;
  });
  // Not written down as one part, because it would then be known.
  if (listed === undefined) return { before: NEW, isRecorded: true, canChange: !isAway };
  return { before: asRecord(listed), isRecorded: false, canChange: !isAway };
}

/** The names of the group's parts at the gateway; '' is the group that is not divided. */
export async function listParts(
  { job, instance }: Group,
  { gateway }: Pick<GroupDeps, 'gateway'>,
  options: Options,
): Promise<string[]> {
  const listed = await gateway.list(options);
  const ofGroup = listed.filter((one) => one.job === job && one.instance === instance);
  return ofGroup.map(({ part = '' }) => part);
}

/** The largest split of which every part is there: a run that was killed leaves more parts, and not all of the next. */
function asRecord(parts: readonly string[]): GroupRecord {
  const there = new Set(parts);
  let split = 1;
  while (partsOf(split * 2).every((part) => there.has(part))) split *= 2;
  return { split, parts };
}
