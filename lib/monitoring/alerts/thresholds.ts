import { durationMs } from './duration.ts';

/** A number or a time that an operator may want otherwise. */
export interface Threshold {
  readonly default: string;
  readonly meaning: string;
}

const number = (value: number, meaning: string): Threshold => ({ default: String(value), meaning });
const time = (value: string, meaning: string): Threshold => ({ default: value, meaning });

/** By the name that `--set` takes. */
export const THRESHOLDS = {
  missed_intervals: number(3, 'intervals of a sweep without a run or a push'),
  memory: time(
    '7d',
    'how long a series that is no longer scraped is remembered, so that its end is noticed; more than (`missed_intervals` + 1) times the longest `every`, or VsweepNoRun cannot fire',
  ),
  down_memory: time('7d', 'the same for a vsweep that no longer answers'),
  link_memory: time('7d', 'how long the link of a network adapter is missed'),
  netbox_stale_days: number(2, 'days after which NetBox data is old'),
  hosts_failed_for: time('10m', 'how long hosts fail'),
  disconnected_for: time('5m', 'how long a host or virtual machine is not connected'),
  certificate_days: number(30, 'days until a certificate or password ends'),
  clock_seconds: number(5, 'seconds that a clock may be wrong'),
  load_percent: number(90, 'CPU or memory usage of a host, in percent'),
  load_for: time('15m', 'how long that usage lasts'),
  snapshot_days: number(7, 'age of a snapshot, in days'),
  guest_free_percent: number(10, 'free space of a file system of a guest, in percent'),
  datastore_low_percent: number(
    20,
    'free space of a datastore that is a warning, in percent; more than `datastore_full_percent`',
  ),
  datastore_full_percent: number(10, 'free space of a datastore that is critical, in percent'),
  datastore_provisioned_percent: number(200, 'provisioned space of a datastore, in percent of its capacity'),
  task_hours: number(6, 'hours that a task of vCenter runs or waits'),
  backup_days: number(3, 'days since the last backup of the appliance'),
} as const satisfies Readonly<Record<string, Threshold>>;

export type ThresholdName = keyof typeof THRESHOLDS;
export type Settings = Readonly<Partial<Record<ThresholdName, string>>>;

export const isThreshold = (name: string): name is ThresholdName => Object.hasOwn(THRESHOLDS, name);

/** Prometheus counts a duration in nanoseconds with 63 bits, which end after 292 years. */
const MAX_DURATION_MS = 290 * 365 * 86_400_000;

/**
 * Whether a text can stand for a threshold: a number for a number, a duration of Prometheus for a time, each above 0. A
 * zero in front would make it an octal number for Prometheus.
 */
export function fitsThreshold(name: ThresholdName, value: string): boolean {
  if (/^\d+$/.test(THRESHOLDS[name].default))
    return /^(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?$/.test(value) && Number(value) > 0;
  const ms = durationMs(value);
  return ms !== undefined && ms > 0 && ms <= MAX_DURATION_MS;
}

/** What is wrong with thresholds that fit one by one, and what to write; nothing if they go together. */
export function conflictOf(settings: Settings): string | undefined {
  const [low, full] = (['datastore_low_percent', 'datastore_full_percent'] as const).map(
    (name) => settings[name] ?? THRESHOLDS[name].default,
  );
  if (Number(low) > Number(full)) return undefined;
  return `VsphereDatastoreLow could never fire: datastore_low_percent is ${low} and datastore_full_percent is ${full}; set the first above the second`;
}

function settledValue(name: string, settings: Settings): string {
  if (!isThreshold(name)) throw new TypeError(`there is no threshold ${name}`);
  return settings[name] ?? THRESHOLDS[name].default;
}

/** Every `$name` of a threshold replaced by its value. Throws TypeError for a name that is none. */
export const fillIn = (text: string, settings: Settings = {}): string =>
  text.replaceAll(/\$(\w+)/g, (_, name: string) => settledValue(name, settings));

const UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };

/** `5m` as "5 minutes"; a number as it is. */
const inWords = (value: string): string =>
  value.replace(/^(\d+)([smhdw])$/, (_, count: string, unit: string) =>
    [count, `${UNITS[unit]}${count === '1' ? '' : 's'}`].join(' '),
  );

/** The same for a text that people read: a time in words, and what stands in `{{ }}` left to Prometheus. */
export const fillInWords = (text: string, settings: Settings = {}): string =>
  text.replaceAll(/\{\{.*?\}\}|\$(\w+)/g, (all, name?: string) =>
    name === undefined ? all : inWords(settledValue(name, settings)),
  );
