import { type Counted, historicalRow } from './counted.ts';
import type { MetricRow } from './row.ts';

const OPERATIONS: readonly (readonly [name: string, what: string])[] = [
  ['Poweron', 'Power-ons'],
  ['VMotion', 'vMotions'],
  ['SVMotion', 'Storage vMotions'],
  ['Clone', 'Clones'],
  ['Create', 'Creations'],
  ['Destroy', 'Deletions'],
];

const OF_CLUSTERS: readonly Counted[] = [
  ['cpu.usage.average', 'CPU usage of all hosts', 'percent × 100', 'queried'],
  ['cpu.usagemhz.average', 'CPU usage of all hosts', 'MHz', 'queried'],
  ['mem.usage.average', 'Memory usage of all hosts', 'percent × 100', 'queried'],
  ['clusterServices.failover.latest', 'Number of failures of hosts that vSphere HA tolerates', 'number'],
  ...OPERATIONS.map(
    ([name, what]): Counted => [
      `vmop.num${name}.latest`,
      `${what} of virtual machines, as vCenter counts them`,
      'number',
    ],
  ),
];

/** Performance counters of clusters, from vCenter's database, which makes them of those of hosts. */
export const CLUSTER_PERFORMANCE: readonly MetricRow[] = OF_CLUSTERS.map(historicalRow('cluster'));
