import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { answerPoll } from '../../support/answer-poll.ts';
import { testSignal } from '../vsphere/demo-target.ts';
import { type DemoPoll, openSharedState, type SharedState } from './demo-poll.ts';

const HOST = 'esx01.example.org';
const FAST = { name: 'fast01', 'info.url': 'ds:///vmfs/volumes/5eed0001-00000001-0001-000000000001/' };
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
const CPU = 'cpu.usage.percent.average';
const USED = 'disk.used.kiloBytes.latest';
const POWER_ONS = 'vmop.numPoweron.number.latest';
const machines = ['web01', 'web02', 'db01', 'build01', 'old01', 'sleepy01'].map((name) => ({ name }));
const hosts = createDemoFleet().map(({ name }) => ({ name }));
const info = (key: string, label = key) => ({ key, label, summary: expect.any(String) });

/** What a method is asked, and what it answers; a list with one example answers several. */
const ANSWERS: Readonly<Record<string, { ask?: Record<string, unknown>; result: unknown }>> = {
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

let shared: SharedState;
let demo: DemoPoll;
beforeAll(async () => {
  shared = await openSharedState();
  demo = await shared.start({
    hosts: createDemoFleet().map(({ vcenter }) => vcenter),
    estate: createDemoEstate(),
    isSessionAdmin: true,
  });
});
afterAll(async () => {
  await demo?.[Symbol.asyncDispose]();
  await shared?.[Symbol.asyncDispose]();
});

function ask(method: string, more: Record<string, unknown> = {}): Promise<PollReply> {
  const message = { name: null, properties: null, username: null, password: null };
  return answerPoll({ ...message, method, hostname: 'vc01', ...more }, demo.deps, { signal: testSignal() });
}

describe('each method', () => {
  it.each(POLL_METHODS.map(({ name }) => name))('%s answers what it says', async (name) => {
    const { ask: more = {}, result } = ANSWERS[name] ?? {};
    expect(await ask(name, more)).toEqual({
      success: 0,
      msg: expect.stringMatching(/^Successfully /),
      result,
    });
  });

  it.each([...OLD_METHOD_NAMES])('%s is an old name of %s', async (old, name) => {
    const more = ANSWERS[name]?.ask ?? {};
    expect(await ask(old, more)).toEqual(await ask(name, more));
  });

  it('that needs a name says when nothing has it, in the words of vPoller', async () => {
    const named = POLL_METHODS.filter(({ name }) => ANSWERS[name]?.ask?.['name'] !== undefined);
    expect(named).toHaveLength(42);
    for (const { name } of named) {
      const colon = /^(?:[\w]+\.perf\.metric|vm\.snapshot)\.get$/.test(name) ? ':' : '';
      const more = { ...ANSWERS[name]?.ask, name: 'nobody' };
      expect(await ask(name, more)).toEqual({ success: 1, msg: `Cannot find object${colon} nobody` });
      expect(await ask(name, { ...more, name: null })).toMatchObject({ success: 1, msg: /None$/ });
    }
  });

  it('that requires keys is refused without one of them, before anybody logs in', async () => {
    const { logins } = demo.vcenter.stats;
    for (const { name, requiredKeys } of POLL_METHODS) {
      const message = {
        method: name,
        hostname: 'vc01',
        ...Object.fromEntries(requiredKeys.map((key) => [key, ''])),
      };
      for (const key of requiredKeys) {
        const lacking = Object.fromEntries(Object.entries(message).filter(([one]) => one !== key));
        expect(await answerPoll(lacking, demo.deps, { signal: testSignal() })).toEqual({
          success: 1,
          msg: 'Invalid task request',
        });
      }
    }
    expect(demo.vcenter.stats.logins).toBe(logins);
  });
});

describe('a request that cannot be answered', () => {
  const URL = FAST['info.url'];
  it.each([
    ['vm.perf.metric.get', { name: 'old01' }, 'VM is not powered on, cannot get performance metrics'],
    [
      'vm.perf.metric.get',
      { name: 'web01', 'max-sample': 'x' },
      'Invalid message, cannot retrieve performance metrics',
    ],
    [
      'vm.perf.metric.get',
      { name: 'web01', 'max-sample': '-1' },
      'Invalid message, cannot retrieve performance metrics',
    ],
    [
      'vm.perf.metric.get',
      { name: 'web01', 'perf-interval': 'Past hour' },
      'Historical interval Past hour does not exists',
    ],
    ['vm.perf.metric.get', { name: 'web01', 'counter-name': 'x' }, 'Unknown performance counter requested'],
    ['vm.perf.metric.info', { name: 'web01', 'counter-name': 'x' }, 'Unknown performance counter requested'],
    [
      'datastore.perf.metric.get',
      { name: URL },
      `No historical performance interval provided for entity ${URL}`,
    ],
    ['vm.disk.get', { name: 'web01', key: '/srv' }, 'Unable to find guest disk /srv'],
    ['vm.snapshot.get', { name: 'web02' }, 'No snapshots found for: web02'],
    ['vm.process.get', { name: 'build01' }, 'build01 is not running VMware Tools'],
    [
      'vm.process.get',
      { name: 'web01', username: 'monitor' },
      'Need username and password for authentication in guest system web01',
    ],
  ])('%s %j', async (method, more, msg) => {
    expect(await ask(method, { 'counter-name': CPU, ...more })).toEqual({ success: 1, msg });
  });

  it.each([
    ['host.perf.metric.get', 'performance metrics'],
    ['vsan.health.get', 'VSAN health state'],
  ])('%s of a host that is off, or lost', async (method, what) => {
    const off = createDemoFleet().find(({ vcenter }) => vcenter.powerState === 'poweredOff');
    const lost = createDemoFleet().find(
      ({ vcenter }) => vcenter.powerState === 'poweredOn' && vcenter.connectionState !== 'connected',
    );
    const more = { 'counter-name': CPU };
    expect(await ask(method, { name: off?.name, ...more })).toMatchObject({
      msg: `Host is not powered on, cannot get ${what}`,
    });
    expect(await ask(method, { name: lost?.name, ...more })).toMatchObject({
      msg: `Host is not connected, cannot get ${what}`,
    });
  });

  it('of a statistic that vCenter restricts, with the setting and its value', async () => {
    const statistics = { maxQueryMetrics: '4', clusterWeight: 5 };
    const fleet = createDemoFleet().map(({ vcenter }) => vcenter);
    await using other = await shared.start({ hosts: fleet, estate: createDemoEstate(), statistics });
    const message = {
      method: 'cluster.perf.metric.get',
      hostname: 'vc01',
      name: 'cluster-1',
      'counter-name': CPU,
      'perf-interval': 'Past day',
    };
    expect(await answerPoll(message, other.deps, { signal: testSignal() })).toEqual({
      success: 1,
      msg: expect.stringContaining(
        'config.vpxd.stats.maxQueryMetrics (4) does not allow it. Raise the setting',
      ),
    });
  });

  it.each([
    ['refused', 'returned the fault HostNotConnected: Unable to communicate with the remote host'],
    ['spoilt', 'vCenter sent values that cannot be read; ask again'],
  ] as const)('of statistics that are %s by vCenter, with its reason', async (what, msg) => {
    const fleet = createDemoFleet().map(({ vcenter }) => vcenter);
    const [{ name = '', moref = '' } = {}] = fleet;
    const statistics = { [what]: [moref] };
    await using other = await shared.start({ hosts: fleet, estate: createDemoEstate(), statistics });
    const message = { method: 'host.perf.metric.get', hostname: 'vc01', name, 'counter-name': CPU };
    expect(await answerPoll(message, other.deps, { signal: testSignal() })).toMatchObject({
      success: 1,
      msg: expect.stringContaining(msg),
    });
  });

  it('session.get without the privilege', async () => {
    await using other = await shared.start({ hosts: [] });
    const message = { method: 'session.get', hostname: 'vc01' };
    expect(await answerPoll(message, other.deps, { signal: testSignal() })).toEqual({
      success: 1,
      msg: 'No permissions to view established sessions',
    });
  });

  it('of a vCenter without events', async () => {
    await using other = await shared.start({ hosts: [] });
    const message = { method: 'event.latest', hostname: 'vc01' };
    expect(await answerPoll(message, other.deps, { signal: testSignal() })).toMatchObject({ success: 1 });
  });
});

describe('what the account may not read', () => {
  it.each([
    ['host.net.get', 'network'],
    ['host.alarm.get', 'triggeredAlarmState'],
    ['vsan.health.get', 'runtime.powerState'],
  ])('%s says so of %s, and does not take it for nothing', async (method, path) => {
    const [host] = createDemoFleet().map(({ vcenter }) => ({ ...vcenter, unreadable: [path] }));
    if (host === undefined) throw new Error('the demo has no host');
    await using other = await shared.start({ hosts: [host], estate: createDemoEstate() });
    const message = { method, hostname: 'vc01', name: host.name };
    expect(await answerPoll(message, other.deps, { signal: testSignal() })).toEqual({
      success: 1,
      msg: expect.stringMatching(`^Cannot collect properties: ${path} of .* NoPermission`),
    });
  });
});

describe('a session that has ended', () => {
  it('is renewed, and the request answered', async () => {
    await using other = await shared.start({ hosts: createDemoFleet().map(({ vcenter }) => vcenter) });
    other.vcenter.misbehave({ kind: 'expire-sessions', operation: 'RetrievePropertiesEx' });
    const message = { method: 'host.discover', hostname: 'vc01' };
    const reply = await answerPoll(message, other.deps, { signal: testSignal() });
    expect(reply).toMatchObject({ success: 0, result: hosts });
    expect(other.vcenter.stats.logins).toBe(2);
  });
});

describe('the password of a guest', () => {
  it('stands in no reply and in no log', async () => {
    const more = { name: 'web01', username: 'monitor', password: 'marked-guest-secret' };
    const reply = await ask('vm.process.get', more);
    expect(reply).toEqual({
      success: 1,
      msg: expect.stringMatching(/^Cannot get guest processes: .*InvalidGuestLogin/),
    });
    expect(demo.log).toContainEqual(expect.stringContaining('InvalidGuestLogin'));
    expect(JSON.stringify([reply, demo.log])).not.toContain('marked-guest-secret');
  });
});

describe('logins to a guest that were refused', () => {
  const guest = { method: 'vm.process.get', hostname: 'vc01', username: 'monitor' };
  const asked = (of: DemoPoll) => of.vcenter.stats.calls['ListProcessesInGuest'] ?? 0;
  const start = () =>
    shared.start({ hosts: createDemoFleet().map(({ vcenter }) => vcenter), estate: createDemoEstate() });
  const poll = (of: DemoPoll, more: Record<string, unknown>) =>
    answerPoll({ ...guest, ...more }, of.deps, { signal: testSignal() });

  it('are two in 15 minutes per guest and account: then nobody asks the guest, with whatever password', async () => {
    await using other = await start();
    for (const password of ['wrong-1', 'wrong-2'])
      expect(await poll(other, { name: 'web02', password })).toMatchObject({
        msg: expect.stringContaining('InvalidGuestLogin'),
      });
    expect(asked(other)).toBe(2);
    for (const password of ['wrong-3', 'demo-guest'])
      expect(await poll(other, { name: 'web02', password })).toEqual({
        success: 1,
        msg: expect.stringMatching(
          /^Cannot get guest processes: Account monitor on guest:vc01\/vm-\d+ was refused; no further login is tried until .*blacklist lift/,
        ),
      });
    expect(asked(other)).toBe(2);
    expect(await poll(other, { name: 'web01', password: 'demo-guest' })).toMatchObject({ success: 0 });
  });

  it('hold in the next process, too, and hold no login to the vCenter back', async () => {
    {
      await using first = await start();
      for (const password of ['wrong-1', 'wrong-2']) await poll(first, { name: 'db01', password });
      expect(asked(first)).toBe(2);
    }
    await using next = await start();
    expect(await poll(next, { name: 'db01', password: 'demo-guest' })).toMatchObject({
      msg: expect.stringContaining('no further login is tried until'),
    });
    expect(asked(next)).toBe(0);
    expect(await poll(next, { method: 'about' })).toMatchObject({ success: 0 });
  });

  it('count over all guests for an account of a directory', async () => {
    await using other = await start();
    const username = 'monitor@corp.example';
    for (const name of ['web01', 'web02']) await poll(other, { name, username, password: 'wrong' });
    expect(await poll(other, { name: 'db01', username, password: 'wrong' })).toMatchObject({
      msg: expect.stringContaining('Account monitor on guest:* was refused'),
    });
    expect(asked(other)).toBe(2);
  });

  it('are forgotten once one is accepted', async () => {
    await using other = await start();
    for (const password of ['wrong', 'demo-guest', 'wrong', 'demo-guest'])
      await poll(other, { name: 'web01', username: 'monitor', password });
    expect(asked(other)).toBe(4);
  });

  it('are not counted where the vCenter could not ask the guest', async () => {
    await using other = await start();
    other.vcenter.misbehave({ kind: 'soap-fault', fault: 'SystemError', operation: 'ListProcessesInGuest' });
    for (const password of ['a', 'b', 'c'])
      await poll(other, { name: 'web01', username: 'backup', password });
    expect(asked(other)).toBe(3);
  });
});

describe('the performance counters', () => {
  it('are read once a session', async () => {
    const before = demo.vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
    expect(await ask('perf.metric.info')).toMatchObject({ success: 0 });
    expect(demo.vcenter.stats.calls['RetrievePropertiesEx']).toBe(before + 1);
  });
});
