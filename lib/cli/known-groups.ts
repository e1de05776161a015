import { groupsOf } from '../config/cross-checks.ts';
import type { Config } from '../config/schema.ts';
import type { GatewayGroup } from '../sinks/pushgateway/gateway-groups.ts';
import type { PushGroup } from '../sinks/pushgateway/group-path.ts';
import { printAge } from './terminal.ts';

/** A group that was pushed by vsweep, as far as the state or the gateway knows. */
export interface KnownGroup extends PushGroup {
  /** Whether a sweep of the configuration pushes to it; one that none does is deleted by the next run. */
  readonly isConfigured: boolean;
  readonly isRecorded: boolean;
  /** `null`: the gateway has no such group; absent when it was not asked, or did not answer. */
  readonly gateway?: GatewayGroup | null;
}

/** The parts of a divided group as one: as old as the oldest of them, and well when all are. */
export function wholeGroups(groups: readonly GatewayGroup[]): GatewayGroup[] {
  const byName = Map.groupBy(groups, ({ job, instance }) => JSON.stringify([job, instance]));
  return Array.from(byName.values(), (parts) => {
    const [{ job, instance }] = parts as [GatewayGroup];
    const pushed = parts.map(({ pushedAt }) => pushedAt).filter((time) => time !== undefined);
    const failed = parts.map(({ failedAt }) => failedAt).filter((time) => time !== undefined);
    return {
      job,
      instance,
      ...(pushed.length < parts.length ? {} : { pushedAt: Math.min(...pushed) }),
      ...(failed.length === 0 ? {} : { failedAt: Math.max(...failed) }),
      lastPushSuccessful: parts.every(({ lastPushSuccessful }) => lastPushSuccessful),
    };
  });
}

/** Recorded groups, and those of the gateway that no record tells of, as after the loss of a state folder. */
export function joinGroups(
  recorded: readonly PushGroup[],
  atGateway: readonly GatewayGroup[] | undefined,
  config: Config,
): KnownGroup[] {
  const configured = groupsOf(config);
  const jobs = new Set(config.sweeps.map(({ job }) => job));
  const unrecorded = (atGateway ?? []).filter(
    (group) => jobs.has(group.job) && !recorded.some((one) => isSame(one, group)),
  );
  const known = [
    ...recorded.map((group) => ({ ...group, isRecorded: true })),
    ...unrecorded.map(({ job, instance }) => ({ job, instance, isRecorded: false })),
  ];
  return known.map((group) => ({
    ...group,
    isConfigured: configured.some((one) => isSame(one, group)),
    ...(atGateway === undefined ? {} : { gateway: atGateway.find((one) => isSame(one, group)) ?? null }),
  }));
}

export const isSame = (one: PushGroup, other: PushGroup) =>
  one.job === other.job && one.instance === other.instance;

export const GROUP_COLUMNS = ['job', 'instance', 'configured', 'last push', 'result'];

/** `hasGateway`: the configuration names one. */
export function toRow(
  { job, instance, isConfigured, isRecorded, gateway }: KnownGroup,
  { hasGateway, now }: { hasGateway: boolean; now: number },
): string[] {
  const deletes = hasGateway
    ? 'NO; the next run deletes it'
    : 'NO; the next run deletes it once the section "push" names its gateway';
  const configured = isConfigured ? 'yes' : isRecorded ? deletes : 'NO, and not in the state';
  if (gateway === undefined) return [job, instance, configured, '', ''];
  if (gateway === null) return [job, instance, configured, 'not at the gateway', ''];
  const { pushedAt, lastPushSuccessful } = gateway;
  const age = pushedAt === undefined ? 'never' : `${printAge(now - pushedAt)} ago`;
  return [job, instance, configured, age, lastPushSuccessful ? 'taken' : 'LAST PUSH REJECTED'];
}
