import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { printReply } from '../../../lib/poll/format/print-reply.ts';
import { POLL_METHODS } from '../../../lib/poll/registry.ts';
import { wirePoll } from '../../../lib/poll/wire-poll.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';
import { answerPolls } from '../../support/answer-poll.ts';
import { type PeerProcess, startPeerProcess } from '../../support/peers/peer-process.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';
import { HOST, INTENDED_DIFFERENCES, LAST_MACHINE, MACHINE } from './intended-differences.ts';

const VPOLLER_ANSWERS = join(import.meta.dirname, '../python/vpoller_answers.py');
/** What the agent of vPoller is called: it dials this name. */
const AGENT = '127.0.0.1';
const CPU = 'cpu.usage.percent.average';

type Message = Readonly<Record<string, unknown>>;

/** What is asked of each method, with the word `<url>` for the datastore's url. */
const REQUESTS: readonly Message[] = [
  { method: 'about' },
  { method: 'about', properties: ['apiType', 'version', 'licenseProductName', 'patchLevel', 'x'] },
  { method: 'event.latest' },
  { method: 'perf.metric.info' },
  { method: 'perf.interval.info' },
  { method: 'net.discover', properties: ['summary.accessible', 'overallStatus'] },
  { method: 'net.get', name: 'VM Network', properties: ['summary.accessible', 'name'] },
  { method: 'net.host.get', name: 'VM Network' },
  { method: 'net.vm.get', name: 'VM Network' },
  { method: 'datacenter.discover', properties: ['overallStatus'] },
  { method: 'datacenter.get', name: 'DC0', properties: null },
  { method: 'datacenter.alarm.get', name: 'DC0' },
  { method: 'datacenter.perf.metric.info', name: 'DC0', 'counter-name': 'vmop.numClone.number.latest' },
  { method: 'cluster.discover', properties: ['summary.numHosts', 'summary.totalCpu'] },
  { method: 'cluster.get', name: 'DC0_C0', properties: ['summary.effectiveMemory', 'summary.numCpuCores'] },
  { method: 'cluster.alarm.get', name: 'DC0_C0' },
  { method: 'cluster.perf.metric.info', name: 'DC0_C0', 'counter-name': CPU },
  { method: 'resource.pool.discover', properties: ['overallStatus'] },
  {
    method: 'resource.pool.get',
    name: 'Resources',
    properties: ['config.cpuAllocation.expandableReservation'],
  },
  {
    method: 'host.discover',
    properties: ['runtime.powerState', 'hardware.memorySize', 'summary.hardware.cpuModel'],
  },
  { method: 'host.get', name: HOST, properties: ['runtime.inMaintenanceMode', 'hardware.cpuInfo.hz'] },
  { method: 'host.alarm.get', name: HOST },
  { method: 'host.perf.metric.info', name: HOST, 'counter-name': CPU },
  { method: 'host.cluster.get', name: HOST },
  { method: 'host.vm.get', name: HOST },
  { method: 'host.net.get', name: HOST },
  { method: 'host.datastore.get', name: HOST },
  { method: 'vm.discover', properties: ['runtime.powerState', 'config.hardware.memoryMB'] },
  {
    method: 'vm.get',
    name: MACHINE,
    properties: ['summary.quickStats.overallCpuUsage', 'guest.toolsRunningStatus'],
  },
  { method: 'vm.alarm.get', name: MACHINE },
  { method: 'vm.perf.metric.info', name: MACHINE, 'counter-name': CPU },
  { method: 'vm.disk.discover', name: MACHINE, properties: ['freeSpace', 'x'] },
  { method: 'vm.disk.get', name: MACHINE, key: '/var', properties: ['freeSpace'] },
  { method: 'vm.disk.get', name: MACHINE, key: null },
  {
    method: 'vm.guest.net.get',
    name: MACHINE,
    properties: ['macAddress', 'ipAddress', 'connected', 'netBIOSConfig'],
  },
  { method: 'vm.net.get', name: MACHINE },
  { method: 'vm.datastore.get', name: MACHINE },
  { method: 'vm.host.get', name: MACHINE },
  { method: 'vm.cpu.usage.percent', name: MACHINE },
  {
    method: 'vm.process.get',
    name: MACHINE,
    username: 'monitor',
    password: 'vcsim-guest',
    properties: ['pid', 'owner', 'name', 'exitCode', 'x'],
  },
  { method: 'datastore.discover', properties: ['summary.capacity', 'info.url'] },
  { method: 'datastore.get', name: '<url>', properties: ['summary.accessible'] },
  { method: 'datastore.alarm.get', name: '<url>' },
  { method: 'datastore.perf.metric.info', name: '<url>', 'counter-name': 'disk.used.kiloBytes.latest' },
  { method: 'datastore.host.get', name: '<url>' },
  { method: 'datastore.vm.get', name: '<url>' },
  { method: 'vsan.health.get', name: HOST },
];

const SESSIONS = { method: 'session.get' };
const MACHINES = REQUESTS.find(({ method }) => method === 'vm.discover');

/** The simulator makes up values, and takes the moment of the question for that of the sample. */
const SAMPLES: readonly Message[] = [
  { method: 'host.perf.metric.get', name: HOST, 'counter-name': CPU },
  { method: 'host.perf.metric.get', name: HOST, 'counter-name': CPU, 'max-sample': '3', instance: '0' },
  { method: 'vm.perf.metric.get', name: MACHINE, 'counter-name': CPU, 'perf-interval': 'Past day' },
  { method: 'cluster.perf.metric.get', name: 'DC0_C0', 'counter-name': CPU, 'perf-interval': 'Past week' },
  {
    method: 'datacenter.perf.metric.get',
    name: 'DC0',
    'counter-name': 'vmop.numPoweron.number.latest',
    'perf-interval': 'Past day',
  },
  {
    method: 'datastore.perf.metric.get',
    name: '<url>',
    'counter-name': 'disk.used.kiloBytes.latest',
    'perf-interval': 'Past day',
  },
];

const FAULTS: readonly unknown[] = [
  [],
  'about',
  {},
  { method: 'host.gett' },
  { method: 'host.get', hostname: 'vc99' },
  { method: 'host.get', hostname: AGENT, name: HOST },
  { method: 'host.get', hostname: AGENT, name: 'nobody', properties: null },
  { method: 'host.get', hostname: AGENT, name: null, properties: null },
  { method: 'vm.snapshot.get', hostname: AGENT, name: 'nobody' },
  { method: 'vm.perf.metric.get', hostname: AGENT, name: 'nobody', 'counter-name': CPU },
  { method: 'vm.perf.metric.get', hostname: AGENT, name: MACHINE, 'counter-name': 'x' },
  { method: 'vm.perf.metric.get', hostname: AGENT, name: MACHINE, 'counter-name': CPU, 'max-sample': 'x' },
  { method: 'vm.perf.metric.get', hostname: AGENT, name: MACHINE, 'counter-name': CPU, 'perf-interval': 'x' },
  {
    method: 'datacenter.perf.metric.get',
    hostname: AGENT,
    name: 'DC0',
    'counter-name': 'x',
    'perf-interval': '',
  },
  { method: 'vm.perf.metric.info', hostname: AGENT, name: MACHINE, 'counter-name': 'x' },
  { method: 'vm.disk.get', hostname: AGENT, name: MACHINE, key: '/srv' },
  { method: 'vm.process.get', hostname: AGENT, name: LAST_MACHINE, username: 'a', password: 'b' },
  { method: 'vm.process.get', hostname: AGENT, name: MACHINE, username: 'a', password: '' },
];

const FORMATTED: readonly Message[] = [
  ...['zabbix', 'czabbix', 'cclient', 'csvhelper'].flatMap((module) =>
    [
      { method: 'host.discover', properties: ['runtime.powerState', 'hardware.memorySize'] },
      { method: 'vm.get', name: MACHINE, properties: ['runtime.powerState'] },
      { method: 'vm.get', name: MACHINE, properties: ['guest.ipAddress', 'guest.toolsStatus'] },
      { method: 'datastore.discover', properties: ['info.url', 'summary.accessible'] },
      { method: 'vm.get', name: 'nobody é', properties: ['name'] },
    ].map((message) => ({ ...message, helper: `vpoller.helpers.${module}` })),
  ),
  { method: 'vm.disk.discover', name: MACHINE, helper: 'vpoller.helpers.zabbix' },
  {
    method: 'vm.disk.get',
    name: MACHINE,
    key: '/',
    properties: ['freeSpace'],
    helper: 'vpoller.helpers.zabbix',
  },
  { method: 'vm.guest.net.get', name: MACHINE, properties: ['macAddress'], helper: 'vpoller.helpers.zabbix' },
  { method: 'host.datastore.get', name: HOST, helper: 'vpoller.helpers.zabbix' },
  { method: 'net.discover', helper: 'vpoller.helpers.zabbix' },
  { method: 'vm.guest.net.get', name: MACHINE, properties: ['ipAddress'], helper: 'vpoller.helpers.czabbix' },
  ...[undefined, 'nginx'].map((key) => ({
    method: 'vm.process.get',
    name: MACHINE,
    username: 'monitor',
    password: 'vcsim-guest',
    ...(key === undefined ? {} : { key }),
    helper: 'vpoller.helpers.zabbix',
  })),
];

interface Answers {
  /** What vPoller's client receives; undefined when the worker has died. */
  readonly theirs: string | undefined;
  readonly ours: string;
}

describeWithPeers(['vcsim', 'vpoller'], 'polls, beside vPoller itself', () => {
  const resources = new AsyncDisposableStack();
  let vcsim: Vcsim;
  let vpoller: PeerProcess;
  const answers = new Map<unknown, Answers>();

  beforeAll(async () => {
    const folder = resources.use(await createTemporaryFolder('vpoller'));
    vcsim = resources.use(await startVcsim({ clusters: 1, hostsPerCluster: 2, machinesPerCluster: 3 }));
    await vcsim.change(HOST, 'alarm');
    vpoller = resources.use(startPeerProcess('vpoller', [peerPython, VPOLLER_ANSWERS]));
    const { port, user, password } = vcsim;
    vpoller.send(JSON.stringify({ host: AGENT, port, user, password }));
    expect(JSON.parse(await vpoller.nextLine({ timeoutMs: 60_000 }))).toMatchObject({
      helpers: expect.arrayContaining(['vpoller.helpers.csvhelper']),
    });
    const options = { path: `${folder.path}/state`, clock: systemClock, log: silentLog };
    const table = resources.use(await openEmbeddedState(options, new AbortController()));
    const deps = wirePoll(
      {
        loaded: { config: toConfig(vcsim), certificates: new Map(), knownHosts: NO_KNOWN_HOSTS },
        credentials: {
          read: async () => ({
            id: 'env:VC',
            version: 'v1',
            username: user,
            proof: { kind: 'password', password } as const,
          }),
        },
        clock: systemClock,
        log: silentLog,
        random: () => 0,
        randomId: randomUUID,
        userAgent: 'vsweep/test',
      },
      { logins: createLoginQueue(), accounts: createState({ ...table, clock: systemClock }).accounts },
    );
    const url = await readUrl(vpoller);
    const withUrl = (message: unknown) => JSON.parse(JSON.stringify(message).replaceAll('<url>', url));
    const ofAgent = [
      ...REQUESTS,
      ...SAMPLES,
      ...FORMATTED,
      ...INTENDED_DIFFERENCES.map(({ message }) => message),
      SESSIONS,
    ];
    const asked = [
      ...ofAgent.map((key) => ({ key, message: { ...withUrl(key), hostname: AGENT } })),
      ...FAULTS.map((key) => ({ key, message: key })),
    ];
    const signal = AbortSignal.timeout(120_000);
    const replies = await answerPolls(
      asked.map(({ message }) => message),
      deps,
      { signal },
    );
    for (const [index, { key, message }] of asked.entries()) {
      const theirs = await askVpoller(vpoller, message);
      answers.set(key, { theirs, ours: printReply(replies[index] ?? { success: 1, msg: '' }, message) });
    }
  }, 180_000);
  afterAll(() => resources.disposeAsync());

  const answersTo = (key: unknown): Answers => answers.get(key) ?? { theirs: undefined, ours: 'not asked' };

  it('compares at least 45 methods, and names every other', () => {
    const compared = new Set([...REQUESTS, ...SAMPLES, SESSIONS].map(({ method }) => method));
    const named = new Set(INTENDED_DIFFERENCES.map(({ message }) => message['method']));
    const others = POLL_METHODS.map(({ name }) => name).filter((name) => !compared.has(name));
    expect(compared.size).toBeGreaterThanOrEqual(45);
    expect(others.filter((name) => !named.has(name))).toEqual([]);
  });

  it.each(REQUESTS.map((one) => [JSON.stringify(one), one]))('%s is answered alike', (_title, message) => {
    const { theirs, ours } = answersTo(message);
    expect(JSON.parse(ours)).toEqual(JSON.parse(theirs ?? '"it died"'));
    expect(JSON.parse(ours)).toMatchObject({ success: 0 });
  });

  it.each(SAMPLES.map((one) => [JSON.stringify(one), one]))('%s has the same samples', (_title, message) => {
    const { theirs, ours } = answersTo(message);
    const withoutChance = (text: string | undefined) => {
      const reply = JSON.parse(text ?? '"it died"') as { result: Record<string, unknown>[] };
      expect(reply, text).toMatchObject({ success: 0, result: expect.any(Array) });
      expect(reply.result.length, text).toBeGreaterThan(0);
      const moment = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00$/;
      return {
        ...reply,
        result: reply.result.map(({ timestamp, value, ...rest }) => {
          expect([timestamp, value]).toEqual([expect.stringMatching(moment), expect.any(Number)]);
          return rest;
        }),
      };
    };
    expect(withoutChance(ours)).toEqual(withoutChance(theirs));
  });

  it.each(FAULTS.map((one) => [JSON.stringify(one), one]))('%s is refused alike', (_title, message) => {
    const { theirs, ours } = answersTo(message);
    expect(JSON.parse(ours)).toEqual(JSON.parse(theirs ?? '"it died"'));
    expect(JSON.parse(ours)).toMatchObject({ success: 1 });
  });

  it.each(FORMATTED.map((one) => [JSON.stringify(one), one]))(
    '%s is printed byte for byte',
    (_title, message) => {
      const { theirs, ours } = answersTo(message);
      expect(ours).toBe(theirs);
    },
  );

  it('session.get has the same of a session', () => {
    const { theirs, ours } = answersTo(SESSIONS);
    const sessionsOf = (text: string | undefined) =>
      (JSON.parse(text ?? '"it died"') as { result: Record<string, string>[] }).result.map(
        ({ lastActiveTime, callCount, ...rest }) => {
          expect([lastActiveTime, callCount]).toEqual([
            expect.stringMatching(/\+00:00$/),
            expect.stringMatching(/^\d+$/),
          ]);
          return rest;
        },
      );
    const common = sessionsOf(ours).filter(({ userAgent }) => !userAgent?.startsWith('vsweep'));
    expect(common).not.toEqual([]);
    expect(sessionsOf(theirs)).toEqual(expect.arrayContaining(common));
  });

  it('resource.pool.vm.get, which this release lacks, is the list of machines with the name of the pool', () => {
    const message = INTENDED_DIFFERENCES.map((one) => one.message).find(
      ({ method }) => method === 'resource.pool.vm.get',
    );
    const { ours } = answersTo(message);
    const { theirs } = answersTo(MACHINES);
    const { result } = JSON.parse(theirs ?? '"it died"') as { result: { name: string }[] };
    expect(JSON.parse(ours)).toMatchObject({
      success: 0,
      result: result.map(({ name }) => ({ name, 'resourcePool.name': 'Resources' })),
    });
  });

  describe('each intended difference', () => {
    it.each(INTENDED_DIFFERENCES.map((one) => [one.request, one]))(
      '%s',
      (_title, { message, theirs, ours }) => {
        const answered = answersTo(message);
        if (theirs === undefined) expect(answered.theirs).toBeUndefined();
        else expect(answered.theirs).toMatch(theirs);
        expect(answered.ours).toMatch(ours);
      },
    );

    it('of a data object is what is unset alone', () => {
      const message = INTENDED_DIFFERENCES.find(({ request }) => request === 'a data object')?.message;
      const { theirs, ours } = answersTo(message);
      expect(JSON.parse(ours)).toEqual(withoutUnset(JSON.parse(theirs ?? '"it died"')));
    });
  });
});

/** What vPoller prints of a data object, without what is unset. */
function withoutUnset(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnset);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(
    ([, one]) => one !== null && !(Array.isArray(one) && one.length === 0),
  );
  return Object.fromEntries(fields.map(([key, one]) => [key, withoutUnset(one)]));
}

async function askVpoller(vpoller: PeerProcess, message: unknown): Promise<string | undefined> {
  vpoller.send(JSON.stringify(message));
  const line = JSON.parse(await vpoller.nextLine({ timeoutMs: 30_000 })) as { reply?: string; died?: string };
  return line.reply;
}

async function readUrl(vpoller: PeerProcess): Promise<string> {
  const message = { method: 'datastore.discover', hostname: AGENT, properties: ['info.url'] };
  const { result } = JSON.parse((await askVpoller(vpoller, message)) ?? '{}') as {
    result: { 'info.url': string }[];
  };
  return result[0]?.['info.url'] ?? '';
}

const toConfig = ({ url, sha256 }: Vcsim) =>
  checkConfig(
    {
      targets: [
        { name: 'vc01', aliases: [AGENT], url, credentials: { env: 'VC' }, tls: { sha256: [sha256] } },
      ],
      sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status'] }],
    },
    { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
  );
