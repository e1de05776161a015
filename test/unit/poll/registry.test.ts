import { describe, expect, it } from 'vitest';
import type { PollMethod, PollSession } from '../../../lib/poll/method.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import { loadVim25 } from '../../../lib/vsphere/vim25/vim25.ts';

const { signal } = new AbortController();

describe('POLL_METHODS', () => {
  it('has each name once, as vPoller writes them', () => {
    const names = POLL_METHODS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(54);
    for (const [old, name] of OLD_METHOD_NAMES) {
      expect(names).toContain(name);
      expect(names).not.toContain(old);
    }
  });

  // Clients of vPoller are answered "Invalid task request" without these, and may leave out all others.
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'nothing',
      [],
      [
        'about',
        'event.latest',
        'session.get',
        'perf.metric.info',
        'perf.interval.info',
        ...['datacenter', 'cluster', 'resource.pool', 'host', 'vm', 'datastore', 'net'].map(
          (one) => `${one}.discover`,
        ),
        ...['datacenter', 'cluster', 'vm'].map((one) => `${one}.perf.metric.info`),
      ],
    ],
    [
      'a name and properties',
      ['name', 'properties'],
      ['datacenter', 'cluster', 'resource.pool', 'host', 'vm', 'datastore', 'metric'].map(
        (one) => `${one}.get`,
      ),
    ],
    [
      'a name',
      ['name'],
      [
        ...['datacenter', 'cluster', 'host', 'vm', 'datastore'].map((one) => `${one}.alarm.get`),
        ...['host', 'datastore'].map((one) => `${one}.perf.metric.info`),
        ...['cluster', 'vm', 'net', 'datastore'].map((one) => `host.${one}.get`),
        ...['host', 'net', 'datastore', 'disk', 'guest.net', 'snapshot'].map((one) => `vm.${one}.get`),
        ...['resource.pool', 'datastore', 'net'].map((one) => `${one}.vm.get`),
        ...['datastore', 'net'].map((one) => `${one}.host.get`),
        'vsan.health.get',
        'vm.disk.discover',
        'vm.cpu.usage.percent',
        'net.get',
      ],
    ],
    [
      'a counter of an interval',
      ['name', 'counter-name', 'perf-interval'],
      ['datacenter', 'cluster'].map((one) => `${one}.perf.metric.get`),
    ],
    [
      'a counter',
      ['name', 'counter-name'],
      ['host', 'vm', 'datastore'].map((one) => `${one}.perf.metric.get`),
    ],
    ["a guest's account", ['name', 'username', 'password'], ['vm.process.get']],
  ])('requires %s of certain methods', (_what, keys, names) => {
    const requiring = POLL_METHODS.filter(({ requiredKeys }) => requiredKeys.join() === keys.join());
    expect(requiring.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it('says of each method what it answers, and of which kind its answer is', () => {
    for (const { summary, successMessage } of POLL_METHODS) {
      expect(summary).toMatch(/^\w.{10,}/);
      if (typeof successMessage === 'string')
        expect(successMessage).toMatch(/^Successfully (retrieved|discovered) /);
    }
  });

  it('takes properties only of types that there are, so that their paths can be completed', () => {
    const types = new Set(POLL_METHODS.flatMap(({ propertiesOf }) => propertiesOf ?? []));
    expect(types.size).toBeGreaterThan(7);
    for (const type of types) expect(loadVim25().type(type)?.kind).toMatch(/^(managed|data) object$/);
  });
});

describe('about', () => {
  const { run } = POLL_METHODS.find(({ name }) => name === 'about') as PollMethod;
  const fields = new Map([
    ['fullName', 'VMware ESXi 8.0.3'],
    ['apiType', 'HostAgent'],
  ]);
  const session = { about: { fullName: '', apiType: '', version: '', fields } } as Partial<PollSession>;
  const ask = (properties: string[]) => run(session as PollSession, { properties }, { signal });

  it('gives the full name when nothing was asked for', async () => {
    expect(await ask([])).toEqual([{ fullName: 'VMware ESXi 8.0.3' }]);
  });

  it('gives null for a field that is unset and "(null)" for what is no field', async () => {
    expect(await ask(['apiType', 'instanceUuid', 'null', '__proto__'])).toEqual([
      Object.fromEntries([
        ['apiType', 'HostAgent'],
        ['instanceUuid', null],
        ['null', '(null)'],
        ['__proto__', '(null)'],
      ]),
    ]);
  });
});
