import { type Evaluated, type MetricRow, NOTHING, type Point } from './row.ts';
import { type ApplianceAnswers, ofAppliance } from './sources/appliance.ts';
import { isOneOf, states } from './sources/conversions.ts';

const READ_ONLY_GROUP = 'SystemConfiguration.ReadOnly';
const BASE = { kind: 'vcenter', preset: 'vmware_exporter', labels: [], privilege: READ_ONLY_GROUP } as const;

/** HealthLevel of appliance/health. */
const COLOURS = ['green', 'yellow', 'orange', 'red', 'gray'] as const;
/** Status of cis.task. */
const JOB_STATES = ['PENDING', 'RUNNING', 'BLOCKED', 'SUCCEEDED', 'FAILED'] as const;
/** State and Health of vcenter.services. */
const SERVICE_STATES = ['STARTED', 'STARTING', 'STOPPED', 'STOPPING'] as const;
const SERVICE_HEALTH = ['HEALTHY', 'HEALTHY_WITH_WARNINGS', 'DEGRADED'] as const;
/** TimeSyncMode of appliance/timesync. */
const TIME_SYNC_MODES = ['NTP', 'HOST', 'DISABLED'] as const;

const says = (...points: readonly Point[]): Evaluated => ({ points, warnings: [] });
const value = (number: number): Evaluated => says({ labels: [], value: number });
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1_000);

/** A state set for each of some things, behind the labels that name it. A word that is none of them costs it alone. */
function setsOf(
  words: readonly string[],
  things: Iterable<readonly [labels: readonly string[], word: string]>,
): Evaluated {
  const { toPoints } = states(words);
  const found = Array.from(things, ([labels, word]) =>
    toPoints(word)?.map((point) => ({ ...point, labels: [...labels, ...point.labels] })),
  );
  const unknown = found.filter((one) => one === undefined).length;
  return {
    points: found.flatMap((points) => points ?? []),
    warnings: unknown === 0 ? [] : [`${unknown} states of the appliance are none of ${words.join(', ')}`],
  };
}

const HEALTH: readonly MetricRow[] = [
  {
    ...BASE,
    name: 'vmware_vcenter_health_state',
    help: 'Health of the component of the vCenter appliance, 1 for the colour that it has and 0 for the others; of software-packages: red for security updates that wait, orange for others',
    unit: 'state',
    labels: ['component', 'state'],
    since: '6.5',
    source: ofAppliance('health', ({ colours, problems }) => {
      const { points, warnings } = setsOf(
        COLOURS,
        Array.from(colours, ([component, colour]) => [[component], colour]),
      );
      return { points, warnings: [...warnings, ...problems] };
    }),
    noSample: 'of a component that does not answer',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_healthy',
    help: 'Whether the component of the vCenter appliance is green',
    unit: 'boolean',
    labels: ['component'],
    since: '6.5',
    source: ofAppliance('health', ({ colours }) =>
      says(
        ...Array.from(colours)
          .filter(([, colour]) => colour !== 'gray')
          .map(([component, colour]) => ({ labels: [component], value: colour === 'green' ? 1 : 0 })),
      ),
    ),
    noSample: 'of a component that is gray, which is without data, or does not answer',
  },
];

type Job = ApplianceAnswers['backups'][number];

/** The job that is the last by a time; one without that time is none. */
const lastBy = (jobs: readonly Job[], timeOf: (job: Job) => number | undefined): Job | undefined =>
  jobs
    .filter((job) => timeOf(job) !== undefined)
    .toSorted((one, other) => (timeOf(other) ?? 0) - (timeOf(one) ?? 0))[0];

const BACKUP: readonly MetricRow[] = [
  {
    ...BASE,
    name: 'vmware_vcenter_backup_last_success_timestamp_seconds',
    help: 'End of the last backup of the vCenter appliance that succeeded, in seconds since the epoch',
    unit: 'timestamp',
    since: '6.7',
    source: ofAppliance('backups', (jobs) => {
      const ended = jobs.flatMap(({ status, endedAt }) =>
        status === 'SUCCEEDED' && endedAt !== undefined ? endedAt : [],
      );
      return ended.length === 0
        ? NOTHING
        : value(seconds(ended.reduce((one, other) => Math.max(one, other))));
    }),
    noSample: 'while vCenter knows no backup that succeeded; when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_backup_last_job_state',
    help: 'State of the backup of the vCenter appliance that was started last, 1 for what it is and 0 for the others',
    unit: 'state',
    labels: ['state'],
    since: '6.7',
    source: ofAppliance('backups', (jobs) => {
      const last = lastBy(jobs, ({ startedAt }) => startedAt);
      return last === undefined ? NOTHING : setsOf(JOB_STATES, [[[], last.status]]);
    }),
    noSample: 'while vCenter knows no backup; when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_backup_last_job_failed',
    help: 'Whether the backup of the vCenter appliance that ended last has failed',
    unit: 'boolean',
    since: '6.7',
    source: ofAppliance('backups', (jobs) => {
      const last = lastBy(jobs, ({ endedAt }) => endedAt);
      return last === undefined ? NOTHING : says(...(isOneOf('FAILED').toPoints(last.status) ?? []));
    }),
    noSample: 'while vCenter knows no backup that ended; when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_backup_schedules',
    help: 'Number of schedules for backups of the vCenter appliance, by whether they are enabled',
    unit: 'number',
    labels: ['enabled'],
    since: '6.7',
    source: ofAppliance('schedules', (schedules) =>
      says(
        ...[true, false].map((enabled) => ({
          labels: [String(enabled)],
          value: schedules.filter((one) => one === enabled).length,
        })),
      ),
    ),
    noSample: 'when vCenter is older than 6.7',
  },
];

const SERVICES: readonly MetricRow[] = [
  {
    ...BASE,
    name: 'vmware_vcenter_service_state',
    help: 'State of the service of vCenter, 1 for what it is and 0 for the others',
    unit: 'state',
    labels: ['service', 'state'],
    since: '6.7',
    source: ofAppliance('services', (services) =>
      setsOf(
        SERVICE_STATES,
        services.map(({ name, state }) => [[name], state]),
      ),
    ),
    noSample: 'when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_service_running',
    help: 'Whether the service of vCenter is started, by how it is to be: AUTOMATIC, MANUAL or DISABLED',
    unit: 'boolean',
    labels: ['service', 'startup_type'],
    since: '6.7',
    source: ofAppliance('services', (services) =>
      says(
        ...services.map(({ name, startupType, state }) => ({
          labels: [name, startupType],
          value: state === 'STARTED' ? 1 : 0,
        })),
      ),
    ),
    noSample: 'when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_service_health_state',
    help: 'Health of the service of vCenter, 1 for what it is and 0 for the others',
    unit: 'state',
    labels: ['service', 'health'],
    since: '6.7',
    source: ofAppliance('services', (services) =>
      setsOf(
        SERVICE_HEALTH,
        services.flatMap(({ name, state, health }) =>
          state !== 'STARTED' || health === undefined ? [] : [[[name], health] as const],
        ),
      ),
    ),
    noSample: 'of a service that is not started, or says nothing of it; when vCenter is older than 6.7',
  },
];

const ACCESS: readonly MetricRow[] = [
  {
    ...BASE,
    name: 'vmware_vcenter_root_password_expiry_timestamp_seconds',
    help: 'When the password of root of the vCenter appliance expires, in seconds since the epoch',
    unit: 'timestamp',
    since: '6.7',
    source: ofAppliance('rootPassword', ({ endsAt }) =>
      endsAt === undefined ? NOTHING : value(seconds(endsAt)),
    ),
    noSample: 'when it never expires; when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_sts_certificate_expiry_timestamp_seconds',
    help: "End of the certificate, or of an issuer that ends before it, with which vCenter's single sign-on signs tokens, in seconds since the epoch",
    unit: 'timestamp',
    privilege: 'System.Read',
    since: '7.0.3',
    source: ofAppliance('signingCertificate', ({ endsAt }) => value(seconds(endsAt))),
    noSample: 'when vCenter is older than 7.0.3',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_root_certificate_expiry_timestamp_seconds',
    help: 'End of a root certificate that vCenter trusts, in seconds since the epoch',
    unit: 'timestamp',
    labels: ['chain', 'subject'],
    privilege: 'System.Read',
    since: '6.7.2',
    source: ofAppliance('trustedRoots', ({ roots, unreadable }) => ({
      points: roots.map(({ chain, subject, endsAt }) => ({
        labels: [chain, subject],
        value: seconds(endsAt),
      })),
      warnings: unreadable === 0 ? [] : [`${unreadable} root certificates of the vCenter are unreadable`],
    })),
    noSample: 'when vCenter is older than 6.7.2',
  },
];

const CLOCK: readonly MetricRow[] = [
  {
    ...BASE,
    name: 'vmware_vcenter_time_sync_mode',
    help: 'How the vCenter appliance keeps its time, 1 for the mode that it is in and 0 for the others; HOST is by VMware Tools',
    unit: 'state',
    labels: ['mode'],
    since: '6.7',
    source: ofAppliance('timeSync', (mode) => setsOf(TIME_SYNC_MODES, [[[], mode]])),
    noSample: 'when vCenter is older than 6.7',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_ntp_servers',
    help: 'Number of NTP servers that are configured in the vCenter appliance',
    unit: 'number',
    since: '6.7',
    source: ofAppliance('ntpServers', value),
    noSample: 'when vCenter is older than 6.7',
  },
];

/**
 * What has to be known of the vCenter appliance before it hurts, by its REST API. A collector of its own beside `vcenter`:
 * it takes a second login, and an account in a group of single sign-on that no role replaces (docs/adr/0056).
 */
export const APPLIANCE: readonly MetricRow[] = [...HEALTH, ...BACKUP, ...SERVICES, ...ACCESS, ...CLOCK];
