import * as z from 'zod';
import { restMap, restTime } from '../rest/rest-map.ts';
import type { RestSession } from '../rest/rest-session.ts';
import { callAppliance, word } from './appliance-calls.ts';

/*
 * What the vCenter appliance says of itself. Paths, fields, words and versions are those of the vSphere Automation API
 * ("appliance", "vcenter services" on developer.broadcom.com) and of its OpenAPI description for 7.0.3 and 8.0.2, which
 * ansible-collections/vmware.vmware_rest has with recorded answers of `health/system` and `local-accounts`.
 */

type Options = { signal: AbortSignal };

/** The components whose health the appliance has a colour for, each as its path has it. */
export const HEALTH_COMPONENTS = [
  'system',
  'applmgmt',
  'database-storage',
  'load',
  'mem',
  'software-packages',
  'storage',
  'swap',
] as const;
export type HealthComponent = (typeof HEALTH_COMPONENTS)[number];

/** The colour of a component: green, yellow, orange, red, or gray where there is no data. */
export const readHealth = (
  rest: RestSession,
  component: HealthComponent,
  options: Options,
): Promise<string> => callAppliance(rest, `appliance/health/${component}`, word, options);

/** A job that made, or makes, a backup of the appliance. */
export interface BackupJob {
  /** Of cis.task: PENDING, RUNNING, BLOCKED, SUCCEEDED, FAILED. */
  readonly status: string;
  /** In milliseconds since the epoch; unset before it began, and before it ended. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

const MAX_JOBS = 2_000;
const job = z
  .object({ status: word, start_time: restTime.nullish(), end_time: restTime.nullish() })
  .transform(
    ({ status, start_time: start, end_time: end }): BackupJob => ({
      status,
      startedAt: start ?? undefined,
      endedAt: end ?? undefined,
    }),
  );

/** Since 6.7: jobs that run and ran. */
export async function readBackupJobs(rest: RestSession, options: Options): Promise<readonly BackupJob[]> {
  const resource = 'appliance/recovery/backup/job/details';
  return [...(await callAppliance(rest, resource, restMap(job, MAX_JOBS), options)).values()];
}

const schedule = z.object({ enable: z.boolean() });

/** Since 6.7: whether each schedule of backups is enabled. Nothing else of it is looked at: it has a user and a place. */
export async function readBackupSchedules(rest: RestSession, options: Options): Promise<readonly boolean[]> {
  const resource = 'appliance/recovery/backup/schedules';
  const found = await callAppliance(rest, resource, restMap(schedule, 100), options);
  return Array.from(found.values(), ({ enable }) => enable);
}

const account = z.object({ password_expires_at: restTime.nullish() });

/** Since 6.7: when the password of root ends, in milliseconds since the epoch; undefined if it never does. */
export async function readRootPasswordEnd(rest: RestSession, options: Options): Promise<number | undefined> {
  const resource = 'appliance/local-accounts/root';
  const { password_expires_at: endsAt } = await callAppliance(rest, resource, account, options);
  return endsAt ?? undefined;
}

/** A service of vCenter. */
export interface VcenterService {
  readonly name: string;
  /** MANUAL, AUTOMATIC or DISABLED. */
  readonly startupType: string;
  /** STARTING, STOPPING, STARTED or STOPPED. */
  readonly state: string;
  /** DEGRADED, HEALTHY or HEALTHY_WITH_WARNINGS; of a service that is not started it says nothing, and may be unset. */
  readonly health: string | undefined;
}

const MAX_SERVICES = 300;
const service = z.object({ startup_type: word, state: word, health: word.nullish() });

/** Since 6.7. */
export async function readServices(rest: RestSession, options: Options): Promise<readonly VcenterService[]> {
  const found = await callAppliance(rest, 'vcenter/services', restMap(service, MAX_SERVICES), options);
  return Array.from(found, ([name, { startup_type: startupType, state, health }]) => ({
    name,
    startupType,
    state,
    health: health ?? undefined,
  }));
}

/** Since 6.7: NTP, HOST (by VMware Tools) or DISABLED. */
export const readTimeSync = (rest: RestSession, options: Options): Promise<string> =>
  callAppliance(rest, 'appliance/timesync', word, options);

const servers = z.array(z.string()).max(1_000);

/** Since 6.7: how many NTP servers are configured. */
export async function countNtpServers(rest: RestSession, options: Options): Promise<number> {
  return (await callAppliance(rest, 'appliance/ntp', servers, options)).length;
}
