import { ALARMS } from '../catalogue/alarm.ts';
import { APPLIANCE } from '../catalogue/appliance.ts';
import { CLUSTERS } from '../catalogue/cluster.ts';
import { CLUSTER_HYGIENE } from '../catalogue/cluster-hygiene.ts';
import { CLUSTER_PERFORMANCE } from '../catalogue/cluster-performance.ts';
import { DATASTORES } from '../catalogue/datastore.ts';
import { DATASTORE_PERFORMANCE } from '../catalogue/datastore-performance.ts';
import { EVENTS } from '../catalogue/events.ts';
import { HOST_SERVICES, OVERALL_STATUS, SSH_SERVICES } from '../catalogue/host.ts';
import { HOST_CHECKS } from '../catalogue/host-checks.ts';
import { HOST_DATASTORES } from '../catalogue/host-datastores.ts';
import { HOST_DEVICES } from '../catalogue/host-devices.ts';
import { HOST_DISKS } from '../catalogue/host-disks.ts';
import { HOST_HARDWARE } from '../catalogue/host-hardware.ts';
import { HOST_HYGIENE } from '../catalogue/host-hygiene.ts';
import { HOST_LUNS } from '../catalogue/host-links.ts';
import { HOST_PERFORMANCE } from '../catalogue/host-performance.ts';
import { HOSTS } from '../catalogue/host-state.ts';
import { HOST_TIME } from '../catalogue/host-time.ts';
import { HOST_UNSEEN } from '../catalogue/host-unseen.ts';
import { NETWORKS } from '../catalogue/network.ts';
import { RESOURCE_POOLS } from '../catalogue/resource-pool.ts';
import { SNAPSHOT_SIZES } from '../catalogue/snapshot-sizes.ts';
import { CUSTOM_ATTRIBUTES, TAGS } from '../catalogue/tags.ts';
import { VCENTER } from '../catalogue/vcenter.ts';
import { SNAPSHOTS, VM_GUESTS, VMS } from '../catalogue/vm.ts';
import { VM_DISKS } from '../catalogue/vm-disks.ts';
import { VM_HYGIENE } from '../catalogue/vm-hygiene.ts';
import { VM_NICS } from '../catalogue/vm-nics.ts';
import { VM_PERFORMANCE } from '../catalogue/vm-performance.ts';
import { VSAN } from '../catalogue/vsan.ts';
import { type Collector, collector } from './collector.ts';

/** Every collector there is. A line a collector: docs/adding-a-metric.md. */
export const COLLECTORS: readonly Collector[] = [
  collector('host-services', HOST_SERVICES),
  collector('overall-status', OVERALL_STATUS),
  collector('ssh-services', SSH_SERVICES),
  collector('host-checks', HOST_CHECKS),
  collector('host-disks', HOST_DISKS),
  collector('host-checks-unseen', HOST_UNSEEN),
  collector('hosts', HOSTS),
  collector('host-hardware', HOST_HARDWARE),
  collector('host-time', HOST_TIME),
  collector('host-performance', HOST_PERFORMANCE),
  collector('host-devices', HOST_DEVICES),
  collector('host-datastores', HOST_DATASTORES),
  collector('host-hygiene', HOST_HYGIENE),
  collector('host-luns', HOST_LUNS),
  collector('vms', VMS),
  collector('vm-guests', VM_GUESTS),
  collector('vm-performance', VM_PERFORMANCE),
  collector('vm-disks', VM_DISKS),
  collector('vm-nics', VM_NICS),
  collector('vm-hygiene', VM_HYGIENE),
  collector('snapshots', SNAPSHOTS),
  collector('snapshot-sizes', SNAPSHOT_SIZES),
  collector('datastores', DATASTORES),
  collector('datastore-performance', DATASTORE_PERFORMANCE),
  collector('clusters', CLUSTERS),
  collector('cluster-performance', CLUSTER_PERFORMANCE),
  collector('cluster-hygiene', CLUSTER_HYGIENE),
  collector('vsan', VSAN),
  collector('resource-pools', RESOURCE_POOLS),
  collector('networks', NETWORKS),
  collector('alarms', ALARMS),
  collector('events', EVENTS),
  collector('vcenter', VCENTER),
  collector('appliance', APPLIANCE),
  collector('tags', TAGS),
  collector('custom-attributes', CUSTOM_ATTRIBUTES),
];

/** The collector of that name; undefined is for the caller to explain, who knows where the name was written. */
export function findCollector(name: string): Collector | undefined {
  return COLLECTORS.find((one) => one.name === name);
}
