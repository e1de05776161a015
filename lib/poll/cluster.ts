import { alarmMethod } from './alarm-method.ts';
import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import type { PollMethod } from './method.ts';
import { perfMetricInfoMethod } from './perf-metric-info-method.ts';
import { perfMetricMethod } from './perf-metric-method.ts';
import type { Subject } from './subject.ts';

const cluster: Subject = { prefix: 'cluster', type: 'ClusterComputeResource', namedBy: 'name' };

/** The methods of ClusterComputeResource. */
export const clusterMethods: readonly PollMethod[] = [
  discoverMethod(cluster),
  getMethod(cluster, { requiredKeys: ['name', 'properties'] }),
  alarmMethod(cluster),
  perfMetricInfoMethod(cluster, { requiredKeys: [] }),
  perfMetricMethod(cluster, {
    requiredKeys: ['name', 'counter-name', 'perf-interval'],
    takesInstances: false,
  }),
];
