import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { answerPoll } from '../../support/answer-poll.ts';
import { ANSWERS, CPU, FAST, hosts } from '../../support/poll-answers.ts';
import { testSignal } from '../vsphere/demo-target.ts';
import { type DemoPoll, openSharedState, type SharedState } from './demo-poll.ts';

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
