import { decodeName } from '../../../lib/vsphere/inventory/names.ts';

/** A series without the labels that are empty, which Prometheus takes for absent. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What vsweep makes of the same vCenter. */
export interface Ours {
  readonly series: readonly Series[];
  /** The value of the series with exactly this name and these labels. */
  valueOf(series: Pick<Series, 'name' | 'labels'>): number | undefined;
}

/** Where vsweep says something else than vmware_exporter 0.18.4 on purpose. */
interface IntendedDifference {
  /** The first cell of its row in docs/from-vmware-exporter.md. */
  readonly difference: string;
  /** Whether a series of vmware_exporter is another one in vsweep for that reason, and that one is there. */
  explains(theirs: Series, all: { readonly ours: Ours; readonly theirs: readonly Series[] }): boolean;
  /** What vsweep alone has; one series of it at least is there, and vmware_exporter has none. */
  isOurs?(series: Series): boolean;
}

const never = (): boolean => false;
export const keyOf = ({ name, labels }: Pick<Series, 'name' | 'labels'>): string =>
  JSON.stringify([name, Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1))]);

const decoded = ({ name, labels }: Pick<Series, 'name' | 'labels'>) => ({
  name,
  labels: Object.fromEntries(Object.entries(labels).map(([key, text]) => [key, decodeName(text)])),
});

export const INTENDED_DIFFERENCES: readonly IntendedDifference[] = [
  {
    difference: 'encoded names',
    explains({ name, labels, value }, { ours }) {
      const series = decoded({ name, labels });
      return keyOf({ name, labels }) !== keyOf(series) && ours.valueOf(series) === value;
    },
  },
  {
    difference: 'readings of sensors',
    explains(theirs, { ours }) {
      const value = ours.valueOf(theirs);
      if (!theirs.name.startsWith('vmware_host_sensor_') || value === undefined) return false;
      // The shorter text is the reading that the host gave.
      return (
        Math.abs(value - theirs.value) < 1e-12 * value && String(value).length < String(theirs.value).length
      );
    },
  },
  {
    difference: 'sensors with commas',
    explains: never,
    isOurs: ({ name, labels }) =>
      name.startsWith('vmware_host_sensor_') && labels['name']?.includes(',') === true,
  },
  {
    difference: 'storage elements',
    explains: never,
    isOurs: ({ name, labels }) => name === 'vmware_host_sensor_state' && labels['type'] === 'storage',
  },
  {
    difference: 'machines without a host',
    explains: never,
    isOurs: ({ name, labels }) => name === 'vmware_vm_power_state' && labels['host_name'] === 'n/a',
  },
  {
    difference: 'datastores of one name',
    explains({ name, labels: { ds_name = '', dc_name: _, ds_cluster: __, ...rest }, value }, { ours }) {
      const ofName = ours.series.filter((one) => one.name === name && one.labels['ds_name'] === ds_name);
      const places = new Set(ofName.map(({ labels }) => labels['dc_name']));
      const isOne = (one: Series) =>
        one.value === value && Object.entries(rest).every(([key, text]) => one.labels[key] === text);
      return name.startsWith('vmware_datastore_') && places.size > 1 && ofName.some(isOne);
    },
  },
  {
    difference: 'values that vSphere does not have',
    explains: (series, { ours }) =>
      series.value === -1 &&
      ours.valueOf(series) === undefined &&
      ours.valueOf(decoded(series)) === undefined,
  },
  {
    difference: 'counters of lost hosts and machines',
    explains(theirs, { ours }) {
      const { name, labels } = decoded(theirs);
      const [, kind] = /^vmware_(host|vm)_\w+_(?:average|summation|latest|maximum)$/.exec(name) ?? [];
      const isNotConnected = (one: Series) =>
        one.name === `vmware_${kind}_connection_state` &&
        one.value === 1 &&
        one.labels['state'] !== 'connected' &&
        Object.entries(labels).every(([key, text]) => one.labels[key] === text);
      return (
        kind !== undefined && ours.valueOf({ name, labels }) === undefined && ours.series.some(isNotConnected)
      );
    },
  },
  {
    difference: 'alarms without a system name',
    explains({ name, labels: { alarms: _, ...object } }, { ours, theirs }) {
      const [, kind = ''] = /^vmware_(\w+)_(?:yellow|red)_alarms$/.exec(name) ?? [];
      const isOfObject = (one: Series) =>
        one.name.startsWith(`vmware_${kind}_`) &&
        Object.entries(object).every(([key, text]) => one.labels[key] === decodeName(text));
      return (
        kind !== '' &&
        theirs.some((one) => isOfObject(one) && one.labels['alarms']?.endsWith(':AlarmsUnavailable')) &&
        ours.series.some((one) => one.name === name && isOfObject(one))
      );
    },
  },
  {
    difference: 'equal series',
    explains(series, { ours, theirs }) {
      const value = ours.valueOf(series);
      const equal = theirs.filter((one) => keyOf(one) === keyOf(series));
      return equal.length > 1 && equal.some((one) => one.value === value);
    },
  },
];
