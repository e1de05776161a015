import type { MetricRow, Point } from './row.ts';
import { ofVcenter, USER_CLASSES, type UserClass, type VcenterAnswers } from './sources/vcenter.ts';

const BASE = { kind: 'vcenter', preset: 'vmware_exporter', labels: [], since: '2.0' } as const;

/** The answer says nothing of the clock to a second if it was under way for longer. */
const MAX_ROUND_TRIP_MS = 2_000;

const says = (...points: readonly Point[]) => ({ points, warnings: [] });
const value = (number: number) => says({ labels: [], value: number });
const warns = (warning: string) => ({ points: [], warnings: [warning] });

type Session = VcenterAnswers['sessions'][number];

/** A point of every class, also of one without a session. */
const byClass = (toNumber: (sessions: readonly Session[]) => number) =>
  ofVcenter('sessions', (sessions) => {
    const ofClass = (userClass: UserClass) => sessions.filter((one) => one.userClass === userClass);
    return says(
      ...USER_CLASSES.map((userClass) => ({ labels: [userClass], value: toNumber(ofClass(userClass)) })),
    );
  });

const UNDER_WAY = ['queued', 'running'] as const;

const LICENSE = {
  ...BASE,
  labels: ['edition', 'unit'],
  privilege: 'Global.Licenses',
  since: '4.0',
  noSample: 'without the privilege Global.Licenses',
} as const;

/** What to know of a vCenter itself. */
export const VCENTER: readonly MetricRow[] = [
  {
    ...BASE,
    name: 'vmware_vcenter_info',
    help: 'Version, build, version of the API, and instance UUID of the vCenter; always 1',
    unit: 'info',
    labels: ['version', 'build', 'api', 'instance_uuid'],
    privilege: 'System.View',
    since: '4.0',
    source: ofVcenter('about', (about) => {
      const labels = ['version', 'build', 'apiVersion', 'instanceUuid'].map(
        (field) => about.get(field) ?? '',
      );
      return says({ labels, value: 1 });
    }),
  },
  {
    ...BASE,
    name: 'vmware_vcenter_time_offset_seconds',
    help: "Time of the vCenter less that of vsweep's machine, in seconds; exact to a second",
    unit: 'seconds',
    privilege: 'System.View',
    source: ofVcenter('clock', ({ time, at, roundTripMs }) =>
      roundTripMs > MAX_ROUND_TRIP_MS
        ? warns('CurrentTime was answered too late to compare clocks')
        : value(Math.round(time - at) / 1_000),
    ),
    noSample: 'when the vCenter answers after more than 2 s',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_certificate_expiry_timestamp_seconds',
    help: 'End of the certificate by which the vCenter answers, in seconds since the epoch',
    unit: 'timestamp',
    labels: ['kind'],
    privilege: 'System.View',
    source: ofVcenter('certificate', (endsAt) =>
      says({ labels: ['tls'], value: Math.floor(endsAt / 1_000) }),
    ),
  },
  {
    ...BASE,
    name: 'vmware_vcenter_sessions',
    help: "Sessions by whose they are: own (of vsweep's account), solution (of vCenter's services), other",
    unit: 'number',
    labels: ['user_class'],
    privilege: 'Sessions.TerminateSession',
    source: byClass((sessions) => sessions.length),
    noSample: 'without the privilege Sessions.TerminateSession',
  },
  {
    ...BASE,
    name: 'vmware_vcenter_session_calls',
    help: 'Calls that the sessions of now have made, together, by whose the sessions are',
    unit: 'number',
    labels: ['user_class'],
    privilege: 'Sessions.TerminateSession',
    source: byClass((sessions) => sessions.reduce((sum, { calls }) => sum + calls, 0)),
    since: '4.0',
    noSample: 'without the privilege Sessions.TerminateSession',
  },
  {
    ...BASE,
    name: 'vmware_tasks',
    help: 'Tasks that wait or run, by state, of those that the account may see',
    unit: 'number',
    labels: ['state'],
    privilege: 'System.Read',
    source: ofVcenter('tasks', (tasks) =>
      says(
        ...UNDER_WAY.map((state) => ({
          labels: [state],
          value: tasks.filter((task) => task.state === state).length,
        })),
      ),
    ),
  },
  {
    ...BASE,
    name: 'vmware_task_oldest_seconds',
    help: "Time since the oldest task that runs began, or that waits was queued, by vCenter's clock",
    unit: 'seconds',
    privilege: 'System.Read',
    source: ofVcenter('tasks', (tasks) => {
      const ages = tasks.flatMap(({ state, ageMs }) => (UNDER_WAY.some((one) => one === state) ? ageMs : []));
      return ages.length === 0 ? says() : value(Math.max(0, ...ages) / 1_000);
    }),
    noSample: 'when no task waits or runs',
  },
  {
    ...BASE,
    name: 'vmware_scheduled_task_failed',
    help: 'Whether the last run of the scheduled task has failed',
    unit: 'boolean',
    labels: ['task'],
    privilege: 'System.Read',
    source: ofVcenter('scheduledTasks', (tasks) =>
      says(...tasks.map(({ name, state }) => ({ labels: [name], value: state === 'error' ? 1 : 0 }))),
    ),
    noSample: 'of a task that the account may not see',
  },
  {
    ...BASE,
    name: 'vmware_scheduled_task_enabled',
    help: 'Whether the scheduled task is enabled',
    unit: 'boolean',
    labels: ['task'],
    privilege: 'System.Read',
    source: ofVcenter('scheduledTasks', (tasks) =>
      says(...tasks.map(({ name, enabled }) => ({ labels: [name], value: enabled ? 1 : 0 }))),
    ),
    noSample: 'of a task that the account may not see',
  },
  {
    ...BASE,
    name: 'vmware_scheduled_task_next_run_timestamp_seconds',
    help: 'Time of the next run of the scheduled task, in seconds since the epoch',
    unit: 'timestamp',
    labels: ['task'],
    privilege: 'System.Read',
    source: ofVcenter('scheduledTasks', (tasks) =>
      says(
        ...tasks.flatMap(({ name, nextRunAt }) =>
          nextRunAt === undefined ? [] : { labels: [name], value: Math.floor(nextRunAt / 1_000) },
        ),
      ),
    ),
    noSample: 'of a task that does not run again, or that the account may not see',
  },
  {
    ...LICENSE,
    name: 'vmware_license_capacity',
    help: 'Units that the licences of an edition allow, together, by the unit that is counted; 0 without a limit',
    unit: 'number',
    source: ofVcenter('licenses', (editions) =>
      says(...editions.map(({ edition, unit, total }) => ({ labels: [edition, unit], value: total }))),
    ),
  },
  {
    ...LICENSE,
    name: 'vmware_license_used',
    help: 'Units of an edition that are in use',
    unit: 'number',
    source: ofVcenter('licenses', (editions) =>
      says(...editions.map(({ edition, unit, used }) => ({ labels: [edition, unit], value: used }))),
    ),
  },
  {
    ...LICENSE,
    name: 'vmware_license_expiry_timestamp_seconds',
    help: 'End of the licence of an edition that ends first, or of the evaluation, in seconds since the epoch',
    unit: 'timestamp',
    source: ofVcenter('licenses', (editions) =>
      says(
        ...editions.flatMap(({ edition, unit, endsAt }) =>
          endsAt === undefined ? [] : { labels: [edition, unit], value: Math.floor(endsAt / 1_000) },
        ),
      ),
    ),
    noSample: 'of an edition whose licences do not end; without the privilege Global.Licenses',
  },
];
