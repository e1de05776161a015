import { expect } from 'vitest';
import { createDemoFleet } from '../../lib/demo/fleet.ts';

/** A host of the demo. */
export const HOST = 'esx01.example.org';
/** A datastore of the demo. */
export const FAST = { name: 'fast01', 'info.url': 'ds:///vmfs/volumes/5eed0001-00000001-0001-000000000001/' };
const SLOW = { name: 'slow%2f01', 'info.url': 'ds:///vmfs/volumes/5eed0002-00000002-0002-000000000002/' };
const HOST_ALARM = {
  key: 'alarm-6.host-1048',
  info: 'Host connection and power state',
  time: '2026-01-01 10:00:00.123456+00:00',
  entity: 'esx48.example.org',
  acknowledged: false,
  overallStatus: 'red',
  acknowledgedByUser: null,
};
const VM_ALARM = {
  key: 'alarm-7.vm-101',
  info: 'Virtual machine CPU usage',
  time: '2026-01-01 11:00:00+00:00',
  entity: 'web01',
  acknowledged: true,
  overallStatus: 'yellow',
  acknowledgedByUser: 'operator@vsphere.local',
};
const SAMPLE = {
  timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$/),
  value: expect.any(Number),
};
/** A counter that hosts, machines and clusters have. */
export const CPU = 'cpu.usage.percent.average';
const USED = 'disk.used.kiloBytes.latest';
const POWER_ONS = 'vmop.numPoweron.number.latest';
const machines = ['web01', 'web02', 'db01', 'build01', 'old01', 'sleepy01'].map((name) => ({ name }));
/** All of the demo. */
export const hosts = createDemoFleet().map(({ name }) => ({ name }));
const info = (key: string, label = key) => ({ key, label, summary: expect.any(String) });

/** What a method is asked, and what it answers; a list with one example answers several. */
export const ANSWERS: Readonly<Record<string, { ask?: Record<string, unknown>; result: unknown }>> = {
  about: { ask: { properties: ['apiType', 'x'] }, result: [{ apiType: 'VirtualCenter', x: '(null)' }] },
  'metric.get': {
    ask: { name: 'web01', properties: ['vmware_vm_num_cpu', 'vmware_vm_template'] },
    result: [
      { name: 'web01', vmware_vm_num_cpu: expect.any(Number) },
      { name: 'web01', vmware_vm_template: 0 },
    ],
  },
  'event.latest': { result: [{ event: expect.stringContaining('operator@vsphere.local@192.0.2.10') }] },
  'session.get': {
    result: [
      {
        key: expect.any(String),
        userName: expect.stringMatching(/^sweeper/),
        fullName: expect.any(String),
        loginTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00$/),
        lastActiveTime: expect.stringMatching(/\+00:00$/),
        ipAddress: '127.0.0.1',
        userAgent: 'vsweep/test',
        callCount: expect.stringMatching(/^\d+$/),
      },
    ],
  },
  'perf.metric.info': {
    result: expect.arrayContaining([
      {
        key: expect.any(Number),
        nameInfo: info('usage'),
        groupInfo: info('cpu'),
        unitInfo: info('percent'),
        rollupType: 'average',
        statsType: 'rate',
        level: expect.any(Number),
        perDeviceLevel: expect.any(Number),
      },
    ]),
  },
  'perf.interval.info': {
    result: expect.arrayContaining([
      { enabled: true, key: 1, length: 86_400, level: 1, name: 'Past day', samplingPeriod: 300 },
    ]),
  },
  'datacenter.discover': { result: [{ name: 'demo' }] },
  'datacenter.get': { ask: { name: 'demo' }, result: [{ name: 'demo' }] },
  'datacenter.alarm.get': { ask: { name: 'demo' }, result: [HOST_ALARM, VM_ALARM] },
  'datacenter.perf.metric.info': {
    ask: { name: 'demo', 'counter-name': POWER_ONS },
    result: [{ counterId: POWER_ONS, instance: '' }],
  },
  'datacenter.perf.metric.get': {
    ask: { name: 'demo', 'counter-name': POWER_ONS, 'perf-interval': 'Past day' },
    result: expect.arrayContaining([{ ...SAMPLE, interval: 300, counterId: POWER_ONS, instance: '' }]),
  },
  'cluster.discover': { result: [1, 2, 3].map((n) => ({ name: `cluster-${n}` })) },
  'cluster.get': { ask: { name: 'cluster-2' }, result: [{ name: 'cluster-2' }] },
  'cluster.alarm.get': { ask: { name: 'cluster-3' }, result: [HOST_ALARM] },
  'cluster.perf.metric.info': {
    ask: { name: 'cluster-1', 'counter-name': POWER_ONS },
    result: [{ counterId: POWER_ONS, instance: '' }],
  },
  'cluster.perf.metric.get': {
    ask: { name: 'cluster-1', 'counter-name': CPU, 'perf-interval': 'Past day' },
    result: expect.arrayContaining([{ ...SAMPLE, interval: 300, counterId: CPU, instance: '' }]),
  },
  'resource.pool.discover': { result: [1, 2, 3].map(() => ({ name: 'Resources' })) },
  'resource.pool.get': { ask: { name: 'Resources' }, result: [{ name: 'Resources' }] },
  'resource.pool.vm.get': {
    ask: { name: 'Resources', properties: ['runtime.powerState'] },
    result: expect.arrayContaining([
      { name: 'old01', 'runtime.powerState': 'poweredOff', 'resourcePool.name': 'Resources' },
    ]),
  },
  'host.discover': { result: hosts },
  'host.get': {
    ask: { name: HOST, properties: ['runtime.powerState', 'parent', 'name'] },
    result: [
      {
        name: HOST,
        'runtime.powerState': 'poweredOn',
        parent: expect.stringMatching(/^'vim\.ClusterComputeResource:domain-c\d+'$/),
      },
    ],
  },
  'host.alarm.get': { ask: { name: 'esx48.example.org' }, result: [HOST_ALARM] },
  'host.perf.metric.info': {
    ask: { name: HOST, 'counter-name': CPU },
    result: ['', '0', '1'].map((instance) => ({ counterId: CPU, instance })),
  },
  'host.perf.metric.get': {
    ask: { name: HOST, 'counter-name': CPU, 'max-sample': '2', instance: '1' },
    result: [1, 2].map(() => ({ ...SAMPLE, interval: 20, counterId: CPU, instance: '1' })),
  },
  'host.cluster.get': { ask: { name: HOST }, result: [{ name: HOST, cluster: 'cluster-1' }] },
  'host.vm.get': { ask: { name: HOST }, result: [{ name: 'web01' }] },
  'host.net.get': {
    ask: { name: HOST },
    result: { name: HOST, network: [{ name: 'VM Network' }, { name: 'backup' }] },
  },
  'host.datastore.get': { ask: { name: HOST }, result: [FAST, SLOW] },
  'vsan.health.get': {
    ask: { name: HOST },
    result: [{ name: HOST, uuid: 'vsan-cluster-1', nodeUuid: 'vsan-host-1001', health: 'healthy' }],
  },
  'vm.discover': { result: machines },
  'vm.get': {
    ask: { name: 'web01', properties: ['guest.hostName', 'runtime.host', 'config.hardware.numCPU'] },
    result: [
      {
        name: 'web01',
        'guest.hostName': 'web01.example.org',
        'runtime.host': "'vim.HostSystem:host-1001'",
        'config.hardware.numCPU': expect.any(Number),
      },
    ],
  },
  'vm.alarm.get': { ask: { name: 'web01' }, result: [VM_ALARM] },
  'vm.perf.metric.info': {
    ask: { name: 'web01' },
    result: expect.arrayContaining([{ counterId: CPU, instance: '0' }]),
  },
  'vm.perf.metric.get': {
    ask: { name: 'web01', 'counter-name': CPU },
    result: [{ ...SAMPLE, interval: 20, counterId: CPU, instance: '' }],
  },
  'vm.host.get': { ask: { name: 'web01' }, result: [{ name: 'web01', host: HOST }] },
  'vm.net.get': {
    ask: { name: 'web02' },
    result: { name: 'web02', network: [{ name: 'VM Network' }] },
  },
  'vm.datastore.get': { ask: { name: 'web01' }, result: [FAST, SLOW] },
  'vm.disk.discover': {
    ask: { name: 'web01', properties: ['capacity', 'x'] },
    result: [
      {
        name: 'web01',
        disk: [40, 100].map((gib, at) => ({
          diskPath: at === 0 ? '/' : '/var',
          capacity: gib * 2 ** 30,
          x: '(null)',
        })),
      },
    ],
  },
  'vm.disk.get': {
    ask: { name: 'web01', key: '/var', properties: ['freeSpace'] },
    result: [{ name: 'web01', disk: { diskPath: '/var', freeSpace: 60 * 2 ** 30 } }],
  },
  'vm.guest.net.get': {
    ask: { name: 'web01', properties: ['ipAddress', 'dnsConfig'] },
    result: { name: 'web01', net: [{ network: 'VM Network', ipAddress: ['192.0.2.101'], dnsConfig: null }] },
  },
  'vm.snapshot.get': {
    ask: { name: 'web01' },
    result: [1, 2, 3, 4].map((id) => ({
      createTime: `2026-01-01 0${id}:00:00+00:00`,
      description: `level ${id}, taken by the demo`,
      id,
      name: `level ${id}`,
      quiesced: id % 2 === 0 ? 'True' : 'False',
      state: 'poweredOff',
    })),
  },
  'vm.process.get': {
    ask: {
      name: 'web01',
      username: 'monitor',
      password: 'demo-guest',
      properties: ['owner', 'endTime', 'x'],
    },
    result: expect.arrayContaining([{ cmdLine: '/sbin/init', owner: 'root', endTime: null, x: '(null)' }]),
  },
  'vm.cpu.usage.percent': {
    ask: { name: 'web01' },
    result: [{ name: 'web01', 'vm.cpu.usage.percent': expect.any(Number) }],
  },
  'datastore.discover': { result: [{ name: 'fast01' }, { name: 'slow%2f01' }] },
  'datastore.get': {
    ask: { name: SLOW['info.url'], properties: ['summary.capacity'] },
    result: [{ ...SLOW, 'summary.capacity': 2_048 * 2 ** 30 }],
  },
  'datastore.alarm.get': { ask: { name: FAST['info.url'] }, result: [] },
  'datastore.perf.metric.info': {
    ask: { name: FAST['info.url'] },
    result: expect.arrayContaining(
      [USED, 'disk.capacity.kiloBytes.latest'].map((counterId) => ({ counterId, instance: '' })),
    ),
  },
  'datastore.perf.metric.get': {
    ask: { name: FAST['info.url'], 'counter-name': USED, 'perf-interval': 'Past day', 'max-sample': 3 },
    // All of the day: vCenter knows no \`max-sample\` of historical statistics.
    result: Array.from({ length: 288 }, () => ({ ...SAMPLE, interval: 300, counterId: USED, instance: '' })),
  },
  'datastore.host.get': { ask: { name: FAST['info.url'] }, result: hosts },
  'datastore.vm.get': {
    ask: { name: SLOW['info.url'] },
    result: [{ name: 'web01' }, { name: 'db01' }, { name: 'old01' }],
  },
  'net.discover': { result: [{ name: 'VM Network' }, { name: 'backup' }] },
  'net.get': { ask: { name: 'backup' }, result: [{ name: 'backup' }] },
  'net.host.get': { ask: { name: 'backup' }, result: { name: 'backup', host: hosts } },
  'net.vm.get': {
    ask: { name: 'backup' },
    result: { name: 'backup', vm: [{ name: 'web01' }, { name: 'db01' }, { name: 'old01' }] },
  },
};
