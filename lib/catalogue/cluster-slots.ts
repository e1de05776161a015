import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, listOf } from '../vsphere/property/value-fields.ts';
import { type MetricRow, NOTHING, type Point } from './row.ts';
import { called } from './sources/call.ts';
import { amountOf } from './sources/conversions.ts';

const CLUSTER = { kind: 'cluster', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;
const MEBIBYTE = 2 ** 20;

/** ClusterDasAdvancedRuntimeInfo; with admission control by slots it is a ClusterDasFailoverLevelAdvancedRuntimeInfo. */
const ofRuntimeInfo = (toPoints: (info: PropertyValue) => readonly Point[]) =>
  called('RetrieveDasAdvancedRuntimeInfo', ({ value }) =>
    typeof value !== 'object' || Array.isArray(value) ? NOTHING : { points: toPoints(value), warnings: [] },
  );

const slotField = (field: string, factor = 1) =>
  ofRuntimeInfo((info) => {
    const amount = amountOf(fieldOf(fieldOf(info, 'slotInfo'), field));
    return amount === undefined ? [] : [{ labels: [], value: amount * factor }];
  });

/** Slots of machines that run, slots that nobody has, and what is kept for a failover of all others. */
function slotsOf(info: PropertyValue): readonly Point[] {
  const [total, used, unreserved] = ['totalSlots', 'usedSlots', 'unreservedSlots'].map((field) =>
    amountOf(fieldOf(info, field)),
  );
  if (total === undefined || used === undefined || unreserved === undefined) return [];
  return [
    { labels: ['used'], value: used },
    { labels: ['unreserved'], value: unreserved },
    { labels: ['failover'], value: Math.max(0, total - used - unreserved) },
  ];
}

const WITHOUT_SLOTS = 'unless admission control uses slots; when vSphere HA does not answer';

/** What vSphere HA keeps for the failure of hosts, which a method tells and no property. */
export const CLUSTER_SLOTS: readonly MetricRow[] = [
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_slots',
    help: 'Number of slots of vSphere HA: used by virtual machines that run, kept for a failover, or unreserved, which further virtual machines may use',
    unit: 'number',
    source: ofRuntimeInfo(slotsOf),
    labels: ['state'],
    since: '4.0',
    noSample: WITHOUT_SLOTS,
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_slot_cpu_mhz',
    help: 'CPU of a slot of vSphere HA, in MHz',
    unit: 'MHz',
    source: slotField('cpuMHz'),
    since: '4.0',
    noSample: WITHOUT_SLOTS,
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_slot_memory_bytes',
    help: 'Memory of a slot of vSphere HA, in bytes',
    unit: 'bytes',
    source: slotField('memoryMB', MEBIBYTE),
    since: '4.0',
    noSample: WITHOUT_SLOTS,
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_heartbeat_datastores',
    help: 'Number of datastores by which the hosts of the cluster exchange heartbeats of vSphere HA; fewer than two are a warning in vCenter',
    unit: 'number',
    source: ofRuntimeInfo((info) => [
      { labels: [], value: listOf(fieldOf(info, 'heartbeatDatastoreInfo')).length },
    ]),
    since: '5.0',
    noSample: 'when vSphere HA does not answer',
  },
];
