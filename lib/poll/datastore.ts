import { alarmMethod } from './alarm-method.ts';
import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import type { PollMethod } from './method.ts';
import { perfMetricInfoMethod } from './perf-metric-info-method.ts';
import { perfMetricMethod } from './perf-metric-method.ts';
import { listMethod } from './relation-methods.ts';
import type { Subject } from './subject.ts';

/** Names of datastores repeat from one datacenter to the next; their urls do not. */
const datastore: Subject = { prefix: 'datastore', type: 'Datastore', namedBy: 'info.url' };

/** The methods of Datastore. */
export const datastoreMethods: readonly PollMethod[] = [
  discoverMethod(datastore),
  getMethod(datastore, { requiredKeys: ['name', 'properties'] }),
  alarmMethod(datastore),
  perfMetricInfoMethod(datastore, { requiredKeys: ['name'] }),
  perfMetricMethod(datastore, { requiredKeys: ['name', 'counter-name'], takesInstances: true }),
  listMethod(datastore, {
    name: 'datastore.host.get',
    summary: 'the hosts that mount one Datastore',
    path: 'host',
    paths: ['name'],
  }),
  listMethod(datastore, {
    name: 'datastore.vm.get',
    summary: 'the virtual machines on one Datastore',
    path: 'vm',
    paths: ['name'],
  }),
];
