import type { MetricRow } from './row.ts';
import { label, number } from './sources/conversions.ts';
import { optional, property } from './sources/property.ts';

const PORTGROUP = {
  kind: 'portgroup',
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  labels: [],
  since: '4.0',
} as const;
const SWITCH = { ...PORTGROUP, kind: 'distributed-switch' } as const;

/** Distributed portgroups and switches. */
export const NETWORKS: readonly MetricRow[] = [
  {
    ...PORTGROUP,
    name: 'vmware_portgroup_ports',
    help: 'Number of ports of the distributed portgroup',
    unit: 'number',
    source: property('config.numPorts', number()),
  },
  {
    ...SWITCH,
    name: 'vmware_dvs_ports',
    help: 'Number of ports of the distributed switch',
    unit: 'number',
    source: property('config.numPorts', number()),
  },
  {
    ...SWITCH,
    name: 'vmware_dvs_max_ports',
    help: 'Upper bound of the number of ports of the distributed switch',
    unit: 'number',
    source: property('config.maxPorts', number()),
  },
  {
    ...SWITCH,
    name: 'vmware_dvs_info',
    help: 'Version of the distributed switch as a label; always 1',
    unit: 'info',
    source: optional('config.productInfo.version', label),
    labels: ['version'],
  },
];
