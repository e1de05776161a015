import type { Alert } from './alert.ts';

const UNUSABLE = 'vmware_cluster_hosts{effective="false"}';
const BY_CLUSTER = '(instance, dc_name, cluster_name)';
/** Distributed Power Management puts hosts in standby on purpose. Without the collector of hosts, none is known to be. */
const IN_STANDBY = `(sum by ${BY_CLUSTER} (max by (instance, dc_name, cluster_name, host_name) (vmware_host_standby_mode)) or 0 * max by ${BY_CLUSTER} (${UNUSABLE}))`;

/** What is wrong with clusters. */
export const CLUSTER_ALERTS: readonly Alert[] = [
  {
    name: 'VsphereClusterHaOff',
    expr: 'vmware_cluster_ha_enabled == 0',
    for: '1h',
    severity: 'warning',
    summary: 'vSphere HA is off in the cluster {{ $labels.cluster_name }}',
    description:
      'If a host fails, its machines are not restarted. Often it was switched off for maintenance and forgotten.',
    fires: 'vSphere HA of a cluster is off for an hour',
    means: 'A host that fails takes its virtual machines with it.',
    lookAt: ['*Monitor > Events* of the cluster: who switched it off, and when'],
    actions: [
      '*Configure > vSphere Availability*: switch it on',
      'for a cluster without HA on purpose, add a matcher on `cluster_name` to a silence',
    ],
  },
  {
    name: 'VsphereClusterNoFailoverCapacity',
    expr: 'vmware_cluster_ha_current_failover_level == 0',
    for: '30m',
    severity: 'warning',
    summary: 'the cluster {{ $labels.cluster_name }} has no capacity for the machines of a failed host',
    description: 'Admission control can spare no host. Hosts in maintenance count as failed.',
    fires: 'a cluster cannot lose a host without losing virtual machines, for 30 minutes',
    means: 'vSphere HA cannot restart all machines of a host that fails.',
    lookAt: [
      'hosts that are in maintenance or not connected (VsphereClusterHostsUnavailable)',
      'reservations of machines and pools',
    ],
    actions: ['bring hosts back, add one, or lower reservations'],
  },
  {
    name: 'VsphereClusterHostsUnavailable',
    expr: `(max by ${BY_CLUSTER} (${UNUSABLE}) - ${IN_STANDBY}) > 0`,
    for: '1h',
    severity: 'warning',
    summary: '{{ $value }} hosts of the cluster {{ $labels.cluster_name }} run no virtual machines',
    description:
      'They are in maintenance, not connected, or off, for more than an hour. Hosts in standby are not counted.',
    fires: 'hosts of a cluster are not usable for virtual machines for an hour, and not in standby',
    means: 'The cluster has less capacity than it should have.',
    lookAt: ['`vmware_host_maintenance_mode` and `vmware_host_connected` of its hosts'],
    actions: ['end forgotten maintenance; mend hosts that are not connected'],
  },
];
