import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf } from '../vsphere/property/value-fields.ts';
import { CLUSTER_SLOTS } from './cluster-slots.ts';
import { configIssues } from './config-issues.ts';
import type { MetricRow, Point } from './row.ts';
import { amountOf, boolean, isOneOf, length, number, states } from './sources/conversions.ts';
import { computed, optional } from './sources/property.ts';

const CLUSTER = { kind: 'cluster', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;

/** DrsBehavior. */
const AUTOMATION = ['manual', 'partiallyAutomated', 'fullyAutomated'] as const;

/**
 * The older of two properties with the same settings: `configurationEx` is declared as the configuration of any compute
 * resource, so that no path leads into it, and has kilobytes.
 */
const DAS = 'configuration.dasConfig';
const DRS = 'configuration.drsConfig';

const HA: readonly MetricRow[] = [
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_enabled',
    help: 'Whether vSphere HA is on',
    unit: 'boolean',
    source: optional(`${DAS}.enabled`, boolean),
    since: '2.0',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_host_monitoring',
    help: 'Whether vSphere HA monitors hosts; off, it restarts nothing',
    unit: 'boolean',
    source: optional(`${DAS}.hostMonitoring`, isOneOf('enabled')),
    since: '4.0',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_admission_control',
    help: 'Whether admission control keeps capacity for the failure of hosts',
    unit: 'boolean',
    source: optional(`${DAS}.admissionControlEnabled`, boolean),
    since: '2.0',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_configured_failover_level',
    help: 'Number of host failures that admission control has to allow for',
    unit: 'number',
    source: optional(`${DAS}.failoverLevel`, number()),
    since: '2.0',
  },
];

const DRS_ROWS: readonly MetricRow[] = [
  {
    ...CLUSTER,
    name: 'vmware_cluster_drs_enabled',
    help: 'Whether DRS is on',
    unit: 'boolean',
    source: optional(`${DRS}.enabled`, boolean),
    since: '2.0',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_drs_automation_mode',
    help: 'Automation of DRS for virtual machines without a setting of their own, 1 for the mode that it is in',
    unit: 'state',
    source: optional(`${DRS}.defaultVmBehavior`, states(AUTOMATION)),
    labels: ['mode'],
    since: '2.0',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_drs_faults',
    help: 'Number of faults that prevent recommendations of DRS',
    unit: 'number',
    source: optional('drsFault', length, [{ labels: [], value: 0 }]),
    since: '4.0',
    noSample: 'when it cannot be read',
  },
];

const SUMMARY = 'summary';

/** ClusterComputeResourceSummary: whole, because it is declared as the summary of any compute resource. */
const ofSummary = (toPoints: (summary: PropertyValue) => readonly Point[]) =>
  computed([SUMMARY], (get) => {
    const summary = get(SUMMARY);
    return summary === undefined ? [] : toPoints(summary);
  });

/** Points of fields that are amounts, each with its label. */
const amounts =
  (fields: readonly (readonly [field: string, ...labels: string[]])[], divisor = 1) =>
  (from: PropertyValue | undefined): readonly Point[] =>
    fields.flatMap(([field, ...labels]) => {
      const value = amountOf(fieldOf(from, field));
      return value === undefined ? [] : [{ labels, value: value / divisor }];
    });

const failoverResources = amounts([
  ['currentCpuFailoverResourcesPercent', 'cpu'],
  ['currentMemoryFailoverResourcesPercent', 'memory'],
]);

const CAPACITY: readonly MetricRow[] = [
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_current_failover_level',
    help: 'Number of hosts that may fail before virtual machines cannot be restarted',
    unit: 'number',
    source: ofSummary(amounts([['currentFailoverLevel']])),
    since: '2.0',
    noSample: 'when it is -1 (vSphere HA is off), or cannot be read',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_ha_failover_resources_percent',
    help: 'Share of the capacity that is free for a failover, in percent',
    unit: 'number',
    source: ofSummary((summary) => failoverResources(fieldOf(summary, 'admissionControlInfo'))),
    labels: ['resource'],
    since: '2.0',
    noSample: 'unless admission control uses percentages; when it cannot be read',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_drs_score',
    help: 'DRS score of the cluster, in percent',
    unit: 'number',
    source: ofSummary(amounts([['drsScore']])),
    since: '2.0',
    noSample: 'when vCenter is older than 7.0, DRS is off, or it cannot be read',
  },
  {
    ...CLUSTER,
    name: 'vmware_cluster_drs_imbalance',
    help: 'Standard deviation of the load of hosts, as it is and as DRS aims at',
    unit: 'number',
    // In thousandths: ClusterComputeResourceSummary.currentBalance.
    source: ofSummary(
      amounts(
        [
          ['currentBalance', 'current'],
          ['targetBalance', 'target'],
        ],
        1_000,
      ),
    ),
    labels: ['kind'],
    since: '2.0',
    noSample: 'when DRS is off, or it cannot be read',
  },
];

/** What has to be known of a cluster before hosts fail. */
export const CLUSTER_HYGIENE: readonly MetricRow[] = [
  ...HA,
  ...DRS_ROWS,
  ...CAPACITY,
  ...CLUSTER_SLOTS,
  ...configIssues('cluster'),
];
