import { describe, expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import { nameAlarms } from '../../../lib/vsphere/alarm/triggered-alarms.ts';
import { listGuestProcesses } from '../../../lib/vsphere/guest/guest-process.ts';
import { decodeName, readNames } from '../../../lib/vsphere/inventory/names.ts';
import { readHistoricalIntervals } from '../../../lib/vsphere/performance/historical-interval.ts';
import {
  queryAvailablePerfMetrics,
  queryPerfProviderSummary,
} from '../../../lib/vsphere/performance/perf-provider.ts';
import { logOut } from '../../../lib/vsphere/session/log-out.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { answeringSession, object, property } from './answering-session.ts';

const { signal } = new AbortController();
const HOST = { type: 'HostSystem', value: 'host-1' };

describe('names', () => {
  it.each([
    ['a%2fb%5cc%25d', 'a/b\\c%d'],
    ['A%2Fb%5Cc', 'A/b\\c'],
    ['%252f', '%2f'],
    ['50%', '50%'],
    ['%41%20%2e', '%41%20%2e'],
  ])('as vSphere writes them, %j, are %j', (written, name) => {
    expect(decodeName(written)).toBe(name);
  });

  it('are those of the objects that have one, by their references', async () => {
    const { session, calls } = answeringSession(
      () => object('HostSystem:host-1', property('name', 'esx01')) + object('HostSystem:host-2'),
    );
    const morefs = [HOST, { type: 'HostSystem', value: 'host-2' }];
    expect(await readNames(session, { morefs }, { signal })).toEqual(new Map([['host-1', 'esx01']]));
    expect(calls[0]?.body).toContain(
      '<type>HostSystem</type><all>false</all><pathSet>name</pathSet></propSet>',
    );
  });

  it('of alarms and of what they are about are read by type', async () => {
    const { session, calls } = answeringSession(({ body }) =>
      body.includes('info.name')
        ? object('Alarm:alarm-1', property('info.name', 'hot'), property('name', 'no'))
        : object('HostSystem:host-1', property('name', 'esx01')),
    );
    const state = (alarm: string, entity: string) => ({
      key: `${alarm} ${entity}`,
      alarm: { type: 'Alarm', value: alarm },
      entity: { type: 'HostSystem', value: entity },
      overallStatus: 'red',
      time: 't',
      acknowledged: false,
      acknowledgedByUser: undefined,
    });
    const states = [state('alarm-1', 'host-1'), state('alarm-2', 'host-2')];
    const named = await nameAlarms(session, states, { signal });
    expect(named).toEqual([
      { ...states[0], alarmName: 'hot', entityName: 'esx01' },
      { ...states[1], alarmName: undefined, entityName: undefined },
    ]);
    expect(calls).toHaveLength(2);
  });
});

describe('the statistics of an entity', () => {
  const summary = async (inside: string) => {
    const { session, calls } = answeringSession(() => inside);
    return { found: await queryPerfProviderSummary(session, HOST, { signal }), calls };
  };
  const supported = (current: string, historical: string, more = '') =>
    `<returnval><currentSupported>${current}</currentSupported><summarySupported>${historical}</summarySupported>${more}</returnval>`;

  it('are known by what vSphere supports of it, and how often', async () => {
    const { found, calls } = await summary(supported('true', 'false', '<refreshRate>20</refreshRate>'));
    expect(found).toEqual({ currentSupported: true, summarySupported: false, refreshRateSeconds: 20 });
    expect(calls.map(({ body }) => body)).toEqual([
      '<QueryPerfProviderSummary xmlns="urn:vim25"><_this type="perfManager">perfManager</_this>' +
        '<entity type="HostSystem">host-1</entity></QueryPerfProviderSummary>',
    ]);
  });

  it.each([
    '',
    '<refreshRate>-1</refreshRate>',
    '<refreshRate>0</refreshRate>',
    '<refreshRate>x</refreshRate>',
  ])('have no rate where there are no real-time ones: %j', async (rate) => {
    expect((await summary(supported('false', 'true', rate))).found).toEqual({
      currentSupported: false,
      summarySupported: true,
      refreshRateSeconds: undefined,
    });
  });

  it.each(['', '<returnval><currentSupported>true</currentSupported></returnval>', supported('x', 'true')])(
    'are not made up of %j',
    async (inside) => {
      await expect(summary(inside)).rejects.toMatchObject({
        code: 'not-soap',
        message: 'QueryPerfProviderSummary was answered without what the entity supports',
      });
    },
  );

  it('are counters and instances, of one interval or of any', async () => {
    const { session, calls } = answeringSession(
      () =>
        '<returnval><counterId>2</counterId><instance>vmnic0</instance></returnval>' +
        '<returnval><counterId>6</counterId></returnval><returnval><instance>x</instance></returnval>',
    );
    const found = [
      { counterId: 2, instance: 'vmnic0' },
      { counterId: 6, instance: '' },
    ];
    expect(await queryAvailablePerfMetrics(session, { entity: HOST }, { signal })).toEqual(found);
    await queryAvailablePerfMetrics(session, { entity: HOST, intervalSeconds: 300 }, { signal });
    const asked = (interval: string) =>
      '<QueryAvailablePerfMetric xmlns="urn:vim25"><_this type="perfManager">perfManager</_this>' +
      `<entity type="HostSystem">host-1</entity>${interval}</QueryAvailablePerfMetric>`;
    expect(calls.map(({ body }) => body)).toEqual([asked(''), asked('<intervalId>300</intervalId>')]);
  });

  it('are kept by vCenter at intervals, of which one without a key or a period is none', async () => {
    const interval = (inside: string) => `<PerfInterval>${inside}</PerfInterval>`;
    const whole =
      '<key>1</key><samplingPeriod>300</samplingPeriod><name>Past day</name><length>86400</length><level>1</level><enabled>true</enabled>';
    const bare = '<key>2</key><samplingPeriod>1800</samplingPeriod>';
    const intervals =
      interval(whole) +
      interval(bare) +
      interval('<key>3</key>') +
      interval('<samplingPeriod>7</samplingPeriod>');
    const { session } = answeringSession(() =>
      object('perfManager:perfManager', property('historicalInterval', intervals, 'ArrayOfPerfInterval')),
    );
    expect(await readHistoricalIntervals(session, { signal })).toEqual([
      {
        key: 1,
        samplingPeriodSeconds: 300,
        name: 'Past day',
        lengthSeconds: 86_400,
        level: 1,
        enabled: true,
      },
      { key: 2, samplingPeriodSeconds: 1_800, name: '', lengthSeconds: 0, level: undefined, enabled: false },
    ]);
  });
});

it('the processes of a guest are asked for with its account, which is a secret of the call', async () => {
  const manager = property('processManager', 'p', 'ManagedObjectReference').replace(
    '<val ',
    '<val type="P" ',
  );
  const { session, calls } = answeringSession(
    ({ operation }) =>
      operation === 'RetrievePropertiesEx'
        ? object('GuestOperationsManager:g', manager)
        : '<returnval><name>init</name><pid>1</pid></returnval><returnval><name>x</name></returnval>',
    { guestOperationsManager: { type: 'GuestOperationsManager', value: 'g' } },
  );
  const account = { username: 'root', password: 'a<b' };
  const found = await listGuestProcesses(
    session,
    { virtualMachine: { type: 'VirtualMachine', value: 'vm-1' }, account },
    { signal },
  );
  expect(found).toMatchObject([{ name: 'init', pid: 1 }]);
  expect(calls.at(-1)).toMatchObject({
    operation: 'ListProcessesInGuest',
    secret: 'a<b',
    body:
      '<ListProcessesInGuest xmlns="urn:vim25"><_this type="P">p</_this><vm type="VirtualMachine">vm-1</vm>' +
      '<auth xsi:type="NamePasswordAuthentication"><interactiveSession>false</interactiveSession>' +
      '<username>root</username><password>a&lt;b</password></auth></ListProcessesInGuest>',
  });
});

describe('logOut', () => {
  const end = (logout: (options: { signal: AbortSignal }) => Promise<void>, clock = createManualClock()) => {
    const lines: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
    const endpoint = { name: 'vc01', url: 'https://vc01/sdk', tls: {} } as never;
    return { ended: logOut({ endpoint, logout }, { ms: 1_000 }, { clock, log }), lines, clock };
  };

  it('says nothing of a session that is closed', async () => {
    const { ended, lines } = end(async () => undefined);
    await ended;
    expect(lines).toEqual([]);
  });

  it('says of one that could not be closed why, and does not fail', async () => {
    const { ended, lines } = end(() => Promise.reject(new Error('no route')));
    await ended;
    expect(lines).toEqual([
      'warn  session not closed; it ends by its idle timeout target="vc01" error="no route"',
    ]);
  });

  it('gives a logout up that takes longer than its time', async () => {
    const hanging = ({ signal: limited }: { signal: AbortSignal }) =>
      new Promise<void>((_, reject) => limited.addEventListener('abort', () => reject(limited.reason)));
    const { ended, lines, clock } = end(hanging);
    clock.advance(999);
    expect(clock.nextInMs()).toBe(1);
    clock.advance(1);
    await ended;
    expect(lines).toEqual([expect.stringContaining('logout')]);
  });
});
