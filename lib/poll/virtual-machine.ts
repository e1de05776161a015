import { alarmMethod } from './alarm-method.ts';
import { cpuUsageMethod } from './cpu-usage-method.ts';
import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import { guestDiskMethods } from './guest-disk-methods.ts';
import { guestNetMethod } from './guest-net-method.ts';
import { guestProcessMethod } from './guest-process-method.ts';
import type { PollMethod } from './method.ts';
import { perfMetricInfoMethod } from './perf-metric-info-method.ts';
import { perfMetricMethod } from './perf-metric-method.ts';
import { listMethod, nestedListMethod, singleMethod } from './relation-methods.ts';
import { snapshotMethod } from './snapshot-method.ts';
import type { Subject } from './subject.ts';

const machine: Subject = { prefix: 'vm', type: 'VirtualMachine', namedBy: 'name' };

/** The methods of VirtualMachine. */
export const virtualMachineMethods: readonly PollMethod[] = [
  discoverMethod(machine),
  getMethod(machine, { requiredKeys: ['name', 'properties'] }),
  alarmMethod(machine),
  perfMetricInfoMethod(machine, { requiredKeys: [] }),
  perfMetricMethod(machine, { requiredKeys: ['name', 'counter-name'], running: 'VM', takesInstances: true }),
  singleMethod(machine, {
    name: 'vm.host.get',
    summary: 'the name of the host that one VirtualMachine runs on',
    path: 'runtime.host',
    as: 'host',
    successMessage: 'Successfully retrieved object properties',
  }),
  nestedListMethod(machine, {
    name: 'vm.net.get',
    summary: 'the networks of one VirtualMachine',
    path: 'network',
  }),
  listMethod(machine, {
    name: 'vm.datastore.get',
    summary: 'the datastores of one VirtualMachine, with their urls',
    path: 'datastore',
    paths: ['name', 'info.url'],
  }),
  ...guestDiskMethods(machine),
  guestNetMethod(machine),
  snapshotMethod(machine),
  guestProcessMethod(machine),
  cpuUsageMethod(machine),
];
