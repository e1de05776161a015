import { describe, expect, it } from 'vitest';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { type AskHost, isAskedOfHost } from '../../../lib/poll/ask-host.ts';
import { polledMetrics } from '../../../lib/poll/polled-metrics.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import { type DemoPolls, openDemoPolls } from '../../support/demo-polls.ts';
import { ANSWERS, CPU, FAST, HOST } from '../../support/poll-answers.ts';

const { signal } = new AbortController();
/** As a client of vPoller sends what it was not given. */
const NULLS = { name: null, properties: null, username: null, password: null };
const ask = ({ polls }: DemoPolls, method: string, more: Readonly<Record<string, unknown>> = {}) =>
  polls.answer({ ...NULLS, method, hostname: 'vc01', ...more }, { signal });
const fleet = () => createDemoFleet().map(({ vcenter }) => vcenter);

describe('each method', () => {
  it.each(POLL_METHODS.map(({ name }) => name))('%s answers what it says', async (name) => {
    await using demo = openDemoPolls();
    const { ask: more = {}, result } = ANSWERS[name] ?? {};
    expect(await ask(demo, name, more)).toEqual({
      success: 0,
      msg: expect.stringMatching(/^Successfully /),
      result,
    });
  });

  it.each([...OLD_METHOD_NAMES])('%s, which is its old name, is answered as %s', async (old, name) => {
    await using demo = openDemoPolls();
    const more = ANSWERS[name]?.ask ?? {};
    expect(await ask(demo, old, more)).toMatchObject({ success: 0, result: ANSWERS[name]?.result });
  });

  it('that needs a name says when nothing has it, in the words of vPoller', async () => {
    await using demo = openDemoPolls();
    const named = POLL_METHODS.filter(({ name }) => ANSWERS[name]?.ask?.['name'] !== undefined);
    expect(named).toHaveLength(42);
    for (const { name } of named) {
      const colon = /^(?:[\w]+\.perf\.metric|vm\.snapshot)\.get$/.test(name) ? ':' : '';
      const more = { ...ANSWERS[name]?.ask, name: 'nobody' };
      expect(await ask(demo, name, more)).toEqual({ success: 1, msg: `Cannot find object${colon} nobody` });
      expect(await ask(demo, name, { ...more, name: null })).toMatchObject({ success: 1, msg: /None$/ });
    }
  });

  it('makes no view, and leaves none, where it asks for one object by a name that it has seen', async () => {
    await using demo = openDemoPolls({ pageSize: 100 });
    for (let times = 0; times < 2; times += 1) await ask(demo, 'vm.get', { name: 'web01', properties: [] });
    const { CreateContainerView: made, DestroyView: destroyed } = demo.service.stats.calls;
    expect([made, destroyed]).toEqual([1, 1]);
  });
});

describe('a method', () => {
  it('gives the properties that are asked for of everything that it discovers', async () => {
    await using demo = openDemoPolls();
    expect(await ask(demo, 'vm.discover', { properties: ['runtime.powerState', 'name'] })).toMatchObject({
      result: expect.arrayContaining([
        { name: 'web01', 'runtime.powerState': 'poweredOn' },
        { name: 'old01', 'runtime.powerState': 'poweredOff' },
      ]),
    });
  });

  it('of disks gives all of a machine without a key, and one with it', async () => {
    await using demo = openDemoPolls();
    const disk = (diskPath: string) => ({ diskPath });
    expect(await ask(demo, 'vm.disk.get', { name: 'web01' })).toEqual({
      success: 0,
      msg: 'Successfully discovered objects',
      result: [{ name: 'web01', disk: [disk('/'), disk('/var')] }],
    });
    expect(await ask(demo, 'vm.disk.get', { name: 'web01', key: '/' })).toEqual({
      success: 0,
      msg: 'Successfully retrieved properties',
      result: [{ name: 'web01', disk: disk('/') }],
    });
  });

  it('of counters knows all of an object, each with its instances', async () => {
    await using demo = openDemoPolls();
    const all = await ask(demo, 'host.perf.metric.info', { name: HOST });
    const one = await ask(demo, 'host.perf.metric.info', { name: HOST, 'counter-name': CPU });
    if (all.success !== 0 || one.success !== 0) throw new Error('was answered');
    const found = all.result as readonly { counterId: string }[];
    expect(found.length).toBeGreaterThan((one.result as readonly unknown[]).length);
    expect(found.filter(({ counterId }) => counterId === CPU)).toEqual(one.result);
  });

  it.each([
    ['1', 1],
    ['+03', 3],
    [' 2 ', 2],
  ])('of samples gives as many as are asked for: %j', async (maxSample, count) => {
    await using demo = openDemoPolls();
    const reply = await ask(demo, 'vm.perf.metric.get', {
      name: 'web01',
      'counter-name': CPU,
      'max-sample': maxSample,
    });
    expect(reply).toMatchObject({ success: 0, result: Array(count).fill({ counterId: CPU, interval: 20 }) });
  });

  it('reads metrics of one object, and leaves those from hosts to who asks them', async () => {
    const row = polledMetrics({ sweeps: [] })().values().find(isAskedOfHost);
    if (row === undefined) throw new Error('no metric is read from hosts');
    const asked: unknown[] = [];
    const askHost: AskHost = async ({ moref, rows, target }) => {
      asked.push([moref, rows.map(({ name }) => name), target.name]);
      return new Map([[row.name, [{ labels: ['a'], value: 7 }]]]);
    };
    await using demo = openDemoPolls({}, { askHost });
    const properties = [row.name, 'vmware_host_num_cpu'];
    const moref = fleet().find(({ name }) => name === HOST)?.moref;
    const labels = Object.fromEntries(row.labels.map((label, at) => [label, at === 0 ? 'a' : '']));
    expect(await ask(demo, 'metric.get', { name: HOST, properties })).toEqual({
      success: 0,
      msg: 'Successfully retrieved metrics',
      result: [
        { ...labels, name: HOST, [row.name]: 7 },
        { name: HOST, vmware_host_num_cpu: expect.any(Number) },
      ],
    });
    expect(asked).toEqual([[moref, [row.name], 'vc01']]);
  });
});

describe('a request that cannot be answered', () => {
  const URL = FAST['info.url'];
  const SAMPLES = 'Invalid message, cannot retrieve performance metrics';
  it.each([
    ['vm.get', { name: 'nobody', properties: [] }, 'Cannot find object nobody'],
    ['vm.get', { name: null, properties: [] }, 'Cannot find object None'],
    ['vm.perf.metric.get', { name: 'nobody' }, 'Cannot find object: nobody'],
    ['vm.perf.metric.get', { name: 'old01' }, 'VM is not powered on, cannot get performance metrics'],
    ['vm.perf.metric.get', { name: 'web01', 'max-sample': 'x' }, SAMPLES],
    ['vm.perf.metric.get', { name: 'web01', 'max-sample': '-1' }, SAMPLES],
    ['vm.perf.metric.get', { name: 'web01', 'max-sample': '0' }, SAMPLES],
    ['vm.perf.metric.get', { name: 'web01', 'max-sample': '1x' }, SAMPLES],
    ['vm.perf.metric.get', { name: 'web01', 'max-sample': 'x1' }, SAMPLES],
    ['vm.perf.metric.get', { name: 'web01', 'max-sample': '1000000' }, SAMPLES],
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
    ['vm.snapshot.get', { name: 'nobody' }, 'Cannot find object: nobody'],
    [
      'vm.process.get',
      { name: 'build01', username: 'u', password: 'p' },
      'build01 is not running VMware Tools',
    ],
    [
      'vm.process.get',
      { name: 'web01', username: 'monitor', password: null },
      'Need username and password for authentication in guest system web01',
    ],
    [
      'vm.process.get',
      { name: 'web01', username: '', password: 'p' },
      'Need username and password for authentication in guest system web01',
    ],
  ])('%s %j', async (method, more, msg) => {
    await using demo = openDemoPolls();
    expect(await ask(demo, method, { 'counter-name': CPU, ...more })).toEqual({ success: 1, msg });
    expect(demo.log.join('')).toContain(`${method} failed`);
  });

  it.each([
    ['host.perf.metric.get', 'performance metrics'],
    ['vsan.health.get', 'VSAN health state'],
  ])('%s of a host that is off, or lost', async (method, what) => {
    await using demo = openDemoPolls();
    const off = fleet().find(({ powerState }) => powerState === 'poweredOff');
    const lost = fleet().find(
      ({ powerState, connectionState }) => powerState === 'poweredOn' && connectionState !== 'connected',
    );
    const more = { 'counter-name': CPU };
    expect(await ask(demo, method, { name: off?.name, ...more })).toEqual({
      success: 1,
      msg: `Host is not powered on, cannot get ${what}`,
    });
    expect(await ask(demo, method, { name: lost?.name, ...more })).toEqual({
      success: 1,
      msg: `Host is not connected, cannot get ${what}`,
    });
  });

  it('of a statistic that vCenter restricts has the setting and its value', async () => {
    await using demo = openDemoPolls({ statistics: { maxQueryMetrics: '4', clusterWeight: 5 } });
    const more = { name: 'cluster-1', 'counter-name': CPU, 'perf-interval': 'Past day' };
    expect(await ask(demo, 'cluster.perf.metric.get', more)).toEqual({
      success: 1,
      msg:
        "Cannot retrieve performance metrics for cluster-1: vCenter's setting config.vpxd.stats.maxQueryMetrics (4) does not allow it. " +
        'Raise the setting, or ask for a single instance',
    });
  });

  it.each([
    ['refused', /^Cannot collect properties: .*HostNotConnected: Unable to communicate with the remote host/],
    [
      'spoilt',
      /^Cannot retrieve performance metrics for esx01\.example\.org: vCenter sent values that cannot be read; ask again$/,
    ],
  ] as const)('of statistics that are %s by vCenter has its reason', async (what, msg) => {
    const moref = fleet().find(({ name }) => name === HOST)?.moref ?? '';
    await using demo = openDemoPolls({ statistics: { [what]: [moref] } });
    expect(await ask(demo, 'host.perf.metric.get', { name: HOST, 'counter-name': CPU })).toEqual({
      success: 1,
      msg: expect.stringMatching(msg),
    });
  });

  it('session.get without the privilege, and event.latest without events', async () => {
    await using demo = openDemoPolls({ sessionAdmins: [], estate: undefined });
    expect(await ask(demo, 'session.get')).toEqual({
      success: 1,
      msg: 'No permissions to view established sessions',
    });
    expect(await ask(demo, 'event.latest')).toEqual({ success: 1, msg: 'There is no event yet' });
  });

  it.each([
    ['host.net.get', 'network'],
    ['host.alarm.get', 'triggeredAlarmState'],
    ['host.cluster.get', 'parent'],
    ['host.vm.get', 'vm'],
    ['vsan.health.get', 'runtime.powerState'],
  ])('%s over %s that the account may not read, which is not the same as nothing', async (method, path) => {
    const [host] = fleet().map((one) => ({ ...one, unreadable: [path] }));
    if (host === undefined) throw new Error('the demo has no host');
    await using demo = openDemoPolls({ hosts: [host] });
    expect(await ask(demo, method, { name: host.name })).toEqual({
      success: 1,
      msg: expect.stringMatching(`^Cannot collect properties: ${path} of .* NoPermission`),
    });
  });

  it('for the password of a guest that is wrong says so, and not the password', async () => {
    await using demo = openDemoPolls();
    const more = { name: 'web01', username: 'monitor', password: 'marked-guest-secret' };
    const reply = await ask(demo, 'vm.process.get', more);
    expect(reply).toEqual({
      success: 1,
      msg: expect.stringMatching(/^Cannot get guest processes: .*InvalidGuestLogin/),
    });
    expect(JSON.stringify([reply, demo.log])).not.toContain('marked-guest-secret');
  });
});
