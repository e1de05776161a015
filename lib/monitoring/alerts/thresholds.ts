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
  memory: time('1d', 'how long a series that is no longer scraped is remembered, so that its end is noticed'),
  down_memory: time('7d', 'the same for a vsweep that no longer answers'),
  netbox_stale_days: number(2, 'days after which NetBox data is old'),
  hosts_failed_for: time('10m', 'how long hosts fail'),
  disconnected_for: time('5m', 'how long a host or virtual machine is not connected'),
  certificate_days: number(30, 'days until a certificate or password ends'),
  clock_seconds: number(5, 'seconds that a clock may be wrong'),
  load_percent: number(90, 'CPU or memory usage of a host, in percent'),
  load_for: time('15m', 'how long that usage lasts'),
  snapshot_days: number(7, 'age of a snapshot, in days'),
  guest_free_percent: number(10, 'free space of a file system of a guest, in percent'),
  datastore_low_percent: number(20, 'free space of a datastore that is a warning, in percent'),
  datastore_full_percent: number(10, 'free space of a datastore that is critical, in percent'),
  datastore_provisioned_percent: number(200, 'provisioned space of a datastore, in percent of its capacity'),
  task_hours: number(6, 'hours that a task of vCenter runs or waits'),
  backup_days: number(3, 'days since the last backup of the appliance'),
} as const satisfies Readonly<Record<string, Threshold>>;

export type ThresholdName = keyof typeof THRESHOLDS;
export type Settings = Readonly<Partial<Record<ThresholdName, string>>>;

export const isThreshold = (name: string): name is ThresholdName => Object.hasOwn(THRESHOLDS, name);

/** Whether a text can stand for a threshold: a number for a number, a duration of Prometheus for a time. */
export const fitsThreshold = (name: ThresholdName, value: string): boolean =>
  (/^\d+$/.test(THRESHOLDS[name].default) ? /^\d{1,9}(?:\.\d{1,6})?$/ : /^\d{1,6}[smhdw]$/).test(value);

/** Every `$name` of a threshold replaced by its value. Throws TypeError for a name that is none. */
export const fillIn = (text: string, settings: Settings = {}): string =>
  text.replaceAll(/\$(\w+)/g, (_, name: string) => {
    if (!isThreshold(name)) throw new TypeError(`there is no threshold ${name}`);
    return settings[name] ?? THRESHOLDS[name].default;
  });
