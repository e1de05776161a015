import { alarmMethod } from './alarm-method.ts';
import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import type { PollMethod } from './method.ts';
import { perfMetricInfoMethod } from './perf-metric-info-method.ts';
import { perfMetricMethod } from './perf-metric-method.ts';
import type { Subject } from './subject.ts';

const datacenter: Subject = { prefix: 'datacenter', type: 'Datacenter', namedBy: 'name' };

/** The methods of Datacenter. */
export const datacenterMethods: readonly PollMethod[] = [
  discoverMethod(datacenter),
  getMethod(datacenter, { requiredKeys: ['name', 'properties'] }),
  alarmMethod(datacenter),
  perfMetricInfoMethod(datacenter, { requiredKeys: [] }),
  perfMetricMethod(datacenter, {
    requiredKeys: ['name', 'counter-name', 'perf-interval'],
    takesInstances: false,
  }),
];
