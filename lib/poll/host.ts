import { alarmMethod } from './alarm-method.ts';
import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import type { PollMethod } from './method.ts';
import { perfMetricInfoMethod } from './perf-metric-info-method.ts';
import { perfMetricMethod } from './perf-metric-method.ts';
import { listMethod, nestedListMethod, singleMethod } from './relation-methods.ts';
import type { Subject } from './subject.ts';
import { vsanHealthMethod } from './vsan-health-method.ts';

const host: Subject = { prefix: 'host', type: 'HostSystem', namedBy: 'name' };

/** The methods of HostSystem. */
export const hostMethods: readonly PollMethod[] = [
  discoverMethod(host),
  getMethod(host, { requiredKeys: ['name', 'properties'] }),
  alarmMethod(host),
  perfMetricInfoMethod(host, { requiredKeys: ['name'] }),
  perfMetricMethod(host, { requiredKeys: ['name', 'counter-name'], running: 'Host', takesInstances: true }),
  singleMethod(host, {
    name: 'host.cluster.get',
    summary: 'the name of the cluster that one host is in',
    path: 'parent',
    as: 'cluster',
    successMessage: 'Successfully retrieved properties',
  }),
  listMethod(host, {
    name: 'host.vm.get',
    summary: 'the virtual machines on one host',
    path: 'vm',
    paths: ['name'],
  }),
  nestedListMethod(host, { name: 'host.net.get', path: 'network', summary: 'the networks of one host' }),
  listMethod(host, {
    name: 'host.datastore.get',
    summary: 'the datastores of one host, with their urls',
    path: 'datastore',
    paths: ['name', 'info.url'],
  }),
  vsanHealthMethod(host),
];
