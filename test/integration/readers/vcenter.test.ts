import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { classOfUser, VCENTER as READER } from '../../../lib/catalogue/sources/vcenter.ts';
import { VCENTER } from '../../../lib/catalogue/vcenter.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { type DemoEstate, NO_ESTATE } from '../../../lib/demo/vcenter/estate.ts';
import { LICENSE_KEY } from '../../../lib/demo/vcenter/license-manager.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import type { TargetSession } from '../../../lib/readers/target-reader.ts';
import { vcenter as reader } from '../../../lib/readers/vcenter.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import { loginTo, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';

const NEEDS = ['about', 'certificate', 'clock', 'licenses', 'sessions', 'scheduledTasks', 'tasks'] as const;

/** Two licences of one edition, two of another of which one has no limit, one that never ends, and the evaluation. */
const LICENSES: NonNullable<DemoEstate['licenses']> = [
  {
    editionKey: 'esx.plus',
    total: 32,
    used: 30,
    costUnit: 'cpuPackage',
    expirationDate: '2028-01-01T00:00:00Z',
  },
  {
    editionKey: 'esx.plus',
    total: 8,
    used: 0,
    costUnit: 'cpuPackage',
    expirationDate: '2027-01-01T00:00:00Z',
  },
  { editionKey: 'vsan.plus', total: 0, used: 3, costUnit: 'cpuCore' },
  { editionKey: 'vsan.plus', total: 64, used: 60, costUnit: 'cpuCore' },
  { editionKey: 'vc.standard', total: 1, used: 1, costUnit: 'server' },
  { editionKey: 'eval', total: 0, used: 2, costUnit: '', expirationDate: '2026-12-24T00:00:00Z' },
];
const SCHEDULED: NonNullable<DemoEstate['scheduledTasks']> = [
  {
    moref: 'schedule-1',
    name: 'Nightly snapshots',
    enabled: true,
    state: 'error',
    nextRunTime: '2026-11-26T02:00:00Z',
  },
  { moref: 'schedule-2', name: 'Once', enabled: false, state: 'success' },
];

interface Setting {
  readonly sessionAdmins?: readonly string[];
  readonly taskAges?: readonly (readonly ['queued' | 'running' | 'success' | 'error', ageMs: number])[];
  /** How far the clock of the vCenter is ahead. */
  readonly aheadMs?: number;
  /** Stands between the reader and the vCenter. */
  readonly around?: (
    operation: string,
    answer: () => ReturnType<Transport>,
    clock: ManualClock,
  ) => ReturnType<Transport>;
}

/** Reads everything of a simulated vCenter, as a sweep would: its series by name, and how the collector did. */
async function read({ sessionAdmins = [PROOF.username], taskAges = [], aheadMs = 0, around }: Setting = {}) {
  const clock = createManualClock();
  const now = () => clock.now() + aheadMs;
  const at = (ageMs: number) => new Date(now() - ageMs).toISOString();
  const tasks = taskAges.map(([state, ageMs], index) => ({
    moref: `task-${index}`,
    state,
    queueTime: at(ageMs),
    ...(state === 'queued' ? {} : { startTime: at(ageMs) }),
  }));
  await using vcenter = await startTarget({
    sessionAdmins,
    estate: { ...NO_ESTATE, tasks, scheduledTasks: SCHEDULED, licenses: LICENSES },
    clock: { ...clock, now, sleep: () => new Promise(() => {}) },
  });
  await using session = await loginTo(vcenter);
  const transport: Transport = (call, options) => {
    const answer = () => session.transport(call, options);
    return around === undefined
      ? answer()
      : untilAborted(around(call.operation + call.body, answer, clock), options.signal);
  };
  const { content, tidyUp, certificateEndsAt } = session;
  const ofTarget: TargetSession = {
    connection: { content, tidyUp, certificateEndsAt, transport },
    rest: async () => undefined,
    events: NO_EVENTS,
  };
  const run = createCollectorRun([{ name: 'vcenter', rows: VCENTER, metrics: [] }], clock);
  const items = [{ type: 'Folder', moref: 'group-d1' }];
  const series: Record<string, unknown> = {};
  const wanted = [{ kind: 'vcenter', needs: NEEDS, items }] as const;
  for await (const [, , reading] of reader.read(wanted, { session: ofTarget, clock, signal: testSignal() }))
    for (const { row, points } of run.offer(READER, reading))
      series[row.name] = Object.fromEntries(points.map(({ labels, value }) => [labels.join(), value]));
  const [result] = run.results();
  return {
    series,
    success: result?.success,
    warnings: [
      ...(result?.lacks ?? []).map(([privilege]) => `lacks ${privilege}`),
      ...(result?.warnings ?? []).map(({ text }) => text),
    ],
    url: vcenter.url,
  };
}

describe('the reader of a vCenter', () => {
  it('has what every row is made of', async () => {
    const { series, success, warnings } = await read({ taskAges: [['running', 5_000]] });
    expect([success, warnings]).toEqual([1, []]);
    expect(Object.keys(series).toSorted()).toEqual(VCENTER.map(({ name }) => name).toSorted());
    expect(series['vmware_vcenter_info']).toEqual({
      '8.0.3,demo,8.0.3.0,5eed5eed-0000-4000-8000-000000000001': 1,
    });
    expect(series['vmware_vcenter_sessions']).toEqual({ own: 1, solution: 0, other: 0 });
    expect(series['vmware_vcenter_session_calls']).toEqual({ own: 1, solution: 0, other: 0 });
  });

  it('has licences by edition, the first end of each, and no key', async () => {
    const { series } = await read();
    expect(series['vmware_license_capacity']).toEqual({
      'esx.plus,cpuPackage': 40,
      // One licence of it has no limit.
      'vsan.plus,cpuCore': 0,
      'vc.standard,server': 1,
      'eval,': 0,
    });
    expect(series['vmware_license_used']).toEqual({
      'esx.plus,cpuPackage': 30,
      'vsan.plus,cpuCore': 63,
      'vc.standard,server': 1,
      'eval,': 2,
    });
    expect(series['vmware_license_expiry_timestamp_seconds']).toEqual({
      'esx.plus,cpuPackage': Date.UTC(2027, 0, 1) / 1_000,
      'eval,': Date.UTC(2026, 11, 24) / 1_000,
    });
    expect(JSON.stringify(series)).not.toContain(LICENSE_KEY);
  });

  it('has the end of the certificate that the vCenter shows everybody', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const { hostname, port } = new URL(vcenter.url);
    const shown = await new Promise<X509Certificate>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
      socket.on('error', reject).once('secureConnect', () => {
        resolve(new X509Certificate(socket.getPeerCertificate().raw));
        socket.destroy();
      });
    });
    expect(shown.validToDate.getTime()).toBeGreaterThan(0);
    expect(session.certificateEndsAt()).toBe(shown.validToDate.getTime());
  });

  it.each([90_000, -7_000, 0])('has a clock that is %d ms ahead', async (aheadMs) => {
    const { series } = await read({ aheadMs });
    expect(series['vmware_vcenter_time_offset_seconds']).toEqual({ '': aheadMs / 1_000 });
  });

  it('has no offset of a clock whose answer took more than 2 s, and says why', async () => {
    const { series, success, warnings } = await read({
      async around(operation, answer, clock) {
        if (operation.startsWith('CurrentTime')) clock.advance(3_000);
        return await answer();
      },
    });
    expect(series['vmware_vcenter_time_offset_seconds']).toBeUndefined();
    expect(series['vmware_vcenter_info']).toBeDefined();
    expect([success, warnings]).toEqual([1, ['CurrentTime was answered too late to compare clocks']]);
  });

  it('counts tasks that wait and run, and has the age of the oldest by the clock of the vCenter', async () => {
    const { series } = await read({
      aheadMs: 3_600_000,
      taskAges: [
        ['running', 61_000],
        ['running', 1_000],
        ['queued', 90_000],
        ['success', 500_000],
        ['error', 500_000],
      ],
    });
    expect(series['vmware_tasks']).toEqual({ queued: 1, running: 2 });
    expect(series['vmware_task_oldest_seconds']).toEqual({ '': 90 });
  });

  it('has what came of each scheduled task, and when it runs next', async () => {
    const { series } = await read();
    expect(series['vmware_scheduled_task_failed']).toEqual({ 'Nightly snapshots': 1, Once: 0 });
    expect(series['vmware_scheduled_task_enabled']).toEqual({ 'Nightly snapshots': 1, Once: 0 });
    expect(series['vmware_scheduled_task_next_run_timestamp_seconds']).toEqual({
      'Nightly snapshots': Date.parse('2026-11-26T02:00:00Z') / 1_000,
    });
  });

  it('has no oldest task where none waits or runs', async () => {
    const { series, warnings } = await read({ taskAges: [['success', 500_000]] });
    expect(series['vmware_tasks']).toEqual({ queued: 0, running: 0 });
    expect(series['vmware_task_oldest_seconds']).toBeUndefined();
    expect(warnings).toEqual([]);
  });
});

describe('what the account may not see', () => {
  const without = (lost: RegExp) =>
    VCENTER.map(({ name }) => name)
      .filter((name) => !lost.test(name))
      .toSorted();

  it('costs sessions their two rows, and one warning that names the privilege', async () => {
    const { series, success, warnings } = await read({ sessionAdmins: [], taskAges: [['running', 1]] });
    expect(Object.keys(series).toSorted()).toEqual(without(/_session/));
    expect([success, warnings]).toEqual([1, ['lacks Sessions.TerminateSession']]);
  });

  it('costs tasks their two rows, and one warning that names the privilege', async () => {
    const { series, success, warnings } = await read({
      async around(operation, answer) {
        if (!operation.includes('recentTask')) return await answer();
        throw new VsphereFaultError('x', { fault: 'NoPermission', text: 'denied' });
      },
    });
    expect(Object.keys(series).toSorted()).toEqual(without(/_tasks|_task_oldest/));
    expect([success, warnings]).toEqual([1, ['lacks System.View']]);
  });
});

describe('what fails', () => {
  it('costs its own rows and fails the collector', async () => {
    const { series, success, warnings } = await read({
      async around(operation, answer) {
        if (!operation.includes('recentTask')) return await answer();
        throw new Error('cut off');
      },
    });
    expect(series['vmware_tasks']).toBeUndefined();
    expect(series['vmware_vcenter_sessions']).toBeDefined();
    expect(success).toBe(0);
    expect(warnings).toEqual(['failed; its samples are left out: tasks could not be read: cut off']);
  });

  it('is waited for 10 s, and the rest is there', async () => {
    const { series, warnings } = await read({
      async around(operation, answer, clock) {
        if (!operation.includes('sessionList')) return await answer();
        // Until everything else is answered: its time stands still.
        do await new Promise(setImmediate);
        while (clock.sleepers() > 1);
        clock.advance(10_001);
        return await new Promise(() => {});
      },
      taskAges: [['running', 1]],
    });
    expect(series['vmware_tasks']).toBeDefined();
    expect(series['vmware_vcenter_sessions']).toBeUndefined();
    expect(warnings).toEqual([
      'failed; its samples are left out: sessions could not be read: sessions of the vCenter: out of time',
    ]);
  });

  it('fails the reader where the session has ended', async () => {
    const ended = read({
      async around(operation, answer) {
        if (!operation.includes('recentTask')) return await answer();
        throw new VsphereFaultError('x', { fault: 'NotAuthenticated', text: 'ended' });
      },
    });
    await expect(ended).rejects.toThrow(/NotAuthenticated/);
  });
});

describe('the class of a user', () => {
  const OWN = 'VSPHERE.LOCAL\\sweeper';
  it.each([
    [OWN, 'own'],
    ['VSPHERE.LOCAL\\vpxd-extension-12e0b667-892c-4694-8a5e-f13147e45dbd', 'solution'],
    ['vsphere-webclient-5888a232-cd28-458e-a604-bd8bb041e13c@vsphere.local', 'solution'],
    ['VSPHERE.LOCAL\\Administrator', 'other'],
    ['VSPHERE.LOCAL\\vpxd-extension-of-mine', 'other'],
    ['', 'other'],
  ])('of %j is %s', (name, expected) => {
    expect(classOfUser(name, OWN)).toBe(expected);
  });
});
