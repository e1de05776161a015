import { COMMON, type DashboardRow, lines, OF_VCENTER, stat, table } from './dashboard.ts';

const STORE = `${OF_VCENTER}, ds_name=~"$datastore"`;
const ofStore = (name: string) => `vmware_datastore_${name}{${STORE}}`;
const SEEN = `${OF_VCENTER}, cluster_name=~"$cluster", datastore=~"$datastore"`;
const seenBy = (name: string) =>
  `max by (instance, dc_name, datastore) (vmware_host_datastore_${name}_average{${SEEN}})`;

/** One datastore, or some. */
export const DATASTORES_DASHBOARD: DashboardRow = {
  name: 'datastore',
  title: 'vsweep / Datastore',
  variables: [
    ...COMMON,
    {
      name: 'datastore',
      label: 'Datastore',
      series: `vmware_datastore_capacity_size{${OF_VCENTER}}`,
      of: 'ds_name',
    },
  ],
  panels: [
    stat('Datastores', `count(${ofStore('capacity_size')})`),
    stat('Capacity', `sum(${ofStore('capacity_size')})`, { unit: 'bytes' }),
    stat('Free', `sum(${ofStore('freespace_size')})`, { unit: 'bytes' }),
    stat('Used', `100 * (1 - sum(${ofStore('freespace_size')}) / sum(${ofStore('capacity_size')}))`, {
      unit: 'percent',
      limits: [80, 90],
    }),
    stat('Provisioned', `100 * sum(${ofStore('provisoned_size')}) / sum(${ofStore('capacity_size')})`, {
      unit: 'percent',
      limits: [150, 200],
    }),
    stat('Inaccessible', `count(${ofStore('accessible')} == 0) or vector(0)`, { limits: [1, 1] }),
    lines('Used', 'percent', [
      `100 * (1 - ${ofStore('freespace_size')} / ${ofStore('capacity_size')})`,
      '{{instance}} {{ds_name}}',
    ]),
    lines('Free', 'bytes', [ofStore('freespace_size'), '{{instance}} {{ds_name}}']),
    lines(
      'Highest latency that a host sees',
      'ms',
      [seenBy('totalReadLatency'), '{{instance}} {{datastore}} read'],
      [seenBy('totalWriteLatency'), '{{instance}} {{datastore}} written'],
    ),
    lines(
      'Most operations of a host',
      'iops',
      [seenBy('numberReadAveraged'), '{{instance}} {{datastore}} read'],
      [seenBy('numberWriteAveraged'), '{{instance}} {{datastore}} written'],
    ),
    lines('Virtual machines', 'short', [ofStore('vms'), '{{instance}} {{ds_name}}']),
    lines('Hosts', 'short', [ofStore('hosts'), '{{instance}} {{ds_name}}']),
    table(
      'Full in days, by the last day',
      `${ofStore('freespace_size')} / clamp_min(-deriv(vmware_datastore_freespace_size{${STORE}}[1d]) * 86400, 1)`,
      {
        description:
          'Free space by what was written a day. A datastore that does not fill has a very large number.',
      },
    ),
    table('Type', ofStore('type')),
  ],
};
