import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { APPLIANCE } from '../../../lib/catalogue/appliance.ts';
import { type ApplianceNeed, APPLIANCE as READER } from '../../../lib/catalogue/sources/appliance.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { DEMO_APPLIANCE, type DemoAppliance, readAppliance } from '../../../lib/demo/vcenter/appliance.ts';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import type { DemoVcenterFault } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { appliance as reader } from '../../../lib/readers/appliance.ts';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { logInToRestApi, type RestSession } from '../../../lib/vsphere/rest/rest-session.ts';
import type { ServiceContent } from '../../../lib/vsphere/service-content.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import { DEPS, endpointOf, loginTo, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';

const signal = testSignal();
const NEEDS = APPLIANCE.flatMap(({ source }) => source.needs) as ApplianceNeed[];
const ALL = APPLIANCE.map(({ name }) => name).toSorted();

interface Setting {
  readonly appliance?: Partial<DemoAppliance>;
  readonly applianceReaders?: readonly string[];
  readonly apiVersion?: string;
  readonly faults?: readonly DemoVcenterFault[];
}

/** What rows make of what the reader finds: their series, and how the collector did. */
async function evaluate(
  connection: { content: Pick<ServiceContent, 'about'> },
  rest: RestSession,
  clock: Clock,
) {
  const items = [{ type: 'Folder', moref: 'group-d1' }];
  const run = createCollectorRun([{ name: 'appliance', rows: APPLIANCE, metrics: [] }], clock);
  const series: Record<string, Record<string, number>> = {};
  const session = { connection: connection as never, rest: async () => rest, events: NO_EVENTS };
  const wanted = [{ kind: 'vcenter', needs: [...new Set(NEEDS)], items }] as const;
  for await (const [, , reading] of reader.read(wanted, { session, clock, signal }))
    for (const { row, points } of run.offer(READER, reading))
      series[row.name] = Object.fromEntries(points.map(({ labels, value }) => [labels.join(), value]));
  const [result] = run.results();
  return {
    series,
    names: Object.keys(series).toSorted(),
    success: result?.success,
    warnings: result?.warnings.map(({ text }) => text) ?? [],
  };
}

/** Reads everything of a simulated appliance, as a sweep would. */
async function read({ appliance, applianceReaders, apiVersion = '8.0.3.0', faults = [] }: Setting = {}) {
  await using vcenter = await startTarget({
    appliance: { ...DEMO_APPLIANCE, ...appliance },
    apiVersion,
    ...(applianceReaders === undefined ? {} : { applianceReaders }),
  });
  await using connection = await loginTo(vcenter);
  const options = { signal, beforePassword: async () => undefined };
  const rest = await logInToRestApi(endpointOf(vcenter), PROOF, connection.about, DEPS, options);
  try {
    for (const fault of faults) vcenter.misbehave(fault);
    const found = await evaluate(connection, rest, DEPS.clock);
    const asked = Object.keys(vcenter.stats.calls).filter((call) => /^rest (appliance|vcenter)\//.test(call));
    return { ...found, asked };
  } finally {
    vcenter.misbehave(undefined);
    await rest.close({ ms: 5_000 });
  }
}

describe('the reader of an appliance', () => {
  it.each(['8.0.3.0', '7.0.3.0'])('has what every row is made of, of vCenter %s', async (apiVersion) => {
    const { names, success, warnings } = await read({ apiVersion });
    expect([success, warnings]).toEqual([1, []]);
    expect(names).toEqual(ALL);
  });

  it('has the same in the older form of the API, but for what came later', async () => {
    const [newer, older] = [await read(), await read({ apiVersion: '6.7.3' })];
    const { vmware_vcenter_sts_certificate_expiry_timestamp_seconds: sts, ...others } = newer.series;
    expect(sts).toBeDefined();
    expect(older.series).toEqual(others);
    expect([older.success, older.warnings]).toEqual([1, []]);
  });

  it('asks a vCenter of 6.5 for its health and for nothing else, without a warning', async () => {
    const { names, asked, success, warnings } = await read({ apiVersion: '6.5' });
    expect(names).toEqual(['vmware_vcenter_health_state', 'vmware_vcenter_healthy']);
    expect(asked).toHaveLength(8);
    expect(asked.filter((call) => !call.startsWith('rest appliance/health/'))).toEqual([]);
    expect([success, warnings]).toEqual([1, []]);
  });
});

const failedBackup: DemoAppliance['backups'] = {
  ...DEMO_APPLIANCE.backups,
  '20260102-230000-24022515': {
    status: 'FAILED',
    start_time: '2026-01-02T23:00:00.000Z',
    end_time: '2026-01-02T23:00:10.000Z',
  },
};

describe('what is wrong with an appliance', () => {
  it.each<[string, Partial<DemoAppliance>, string, string, number]>([
    [
      'a component that is red',
      { health: { ...DEMO_APPLIANCE.health, storage: 'red' } },
      'health_state',
      'storage,red',
      1,
    ],
    ['and so not healthy', { health: { ...DEMO_APPLIANCE.health, storage: 'red' } }, 'healthy', 'storage', 0],
    ['a backup that failed', { backups: failedBackup }, 'backup_last_job_failed', '', 1],
    ['as the state of the last one', { backups: failedBackup }, 'backup_last_job_state', 'FAILED', 1],
    [
      'with the time of the one before that succeeded',
      { backups: failedBackup },
      'backup_last_success_timestamp_seconds',
      '',
      Date.parse('2026-01-01T23:09:30Z') / 1_000,
    ],
    ['a schedule that is off', { schedules: { default: { enable: false } } }, 'backup_schedules', 'true', 0],
    [
      'a password of root that ends',
      { rootPasswordExpiresAt: '2026-01-09T00:00:00.000Z' },
      'root_password_expiry_timestamp_seconds',
      '',
      Date.parse('2026-01-09T00:00:00Z') / 1_000,
    ],
    [
      'a service that is down',
      { services: { vpxd: { startup_type: 'AUTOMATIC', state: 'STOPPED' } } },
      'service_running',
      'vpxd,AUTOMATIC',
      0,
    ],
    [
      'one that is degraded',
      { services: { 'vsphere-ui': { startup_type: 'AUTOMATIC', state: 'STARTED', health: 'DEGRADED' } } },
      'service_health_state',
      'vsphere-ui,DEGRADED',
      1,
    ],
    [
      'a signing certificate whose issuer has ended',
      { signingChain: [DEMO_CERTIFICATES.valid, DEMO_CERTIFICATES.ended] },
      'sts_certificate_expiry_timestamp_seconds',
      '',
      1_767_323_045,
    ],
    [
      'a root certificate that has ended',
      { trustedRoots: { 'old/1': [DEMO_CERTIFICATES.ended] } },
      'root_certificate_expiry_timestamp_seconds',
      'old/1,esx.example.org',
      1_767_323_045,
    ],
    ['time that nobody keeps', { timeSync: 'DISABLED' }, 'time_sync_mode', 'DISABLED', 1],
    ['no NTP server', { ntpServers: [] }, 'ntp_servers', '', 0],
  ])('shows as %s', async (_, appliance, name, labels, expected) => {
    const { series, warnings } = await read({ appliance });
    expect(series[`vmware_vcenter_${name}`]?.[labels]).toBe(expected);
    expect(warnings).toEqual([]);
  });

  it('has no sample of what is not known: gray, no backup yet, no end of the password, no health of what stands still', async () => {
    const { rootPasswordExpiresAt: _, ...forever } = DEMO_APPLIANCE;
    await using vcenter = await startTarget({ appliance: { ...forever, backups: {} } });
    await using connection = await loginTo(vcenter);
    const options = { signal, beforePassword: async () => undefined };
    const rest = await logInToRestApi(endpointOf(vcenter), PROOF, connection.about, DEPS, options);
    const { series, success, warnings } = await evaluate(connection, rest, DEPS.clock);
    await rest.close({ ms: 5_000 });
    expect(series['vmware_vcenter_healthy']).not.toHaveProperty('software-packages');
    expect(series['vmware_vcenter_service_health_state']).not.toHaveProperty('vcha,HEALTHY');
    expect(Object.keys(series).filter((name) => /backup_last|root_password/.test(name))).toEqual([]);
    expect([success, warnings]).toEqual([1, []]);
  });

  it('leaves a word out that no row knows, and says so', async () => {
    const melting = { startup_type: 'AUTOMATIC', state: 'MELTING' };
    const { series, success, warnings } = await read({
      appliance: { services: { ...DEMO_APPLIANCE.services, vpxd: melting } },
    });
    expect(series['vmware_vcenter_service_state']).toHaveProperty('vsphere-ui,STARTED', 1);
    expect(series['vmware_vcenter_service_state']).not.toHaveProperty('vpxd,STARTED');
    expect(series['vmware_vcenter_service_running']).toHaveProperty('vpxd,AUTOMATIC', 0);
    expect([success, warnings]).toEqual([
      1,
      ['1 states of the appliance are none of STARTED, STARTING, STOPPED, STOPPING'],
    ]);
  });

  it('says how many chains of certificates are unreadable, and has the others', async () => {
    const { series, success, warnings } = await read({
      appliance: { trustedRoots: { odd: ['-----BEGIN X509 CRL-----'], well: [DEMO_CERTIFICATES.valid] } },
    });
    expect(series['vmware_vcenter_root_certificate_expiry_timestamp_seconds']).toEqual({
      'well,esx.example.org': Date.parse('2035-01-01T00:00:00Z') / 1_000,
    });
    expect([success, warnings]).toEqual([1, ['1 root certificates of the vCenter are unreadable']]);
  });
});

describe('what the account may not see', () => {
  it('costs its rows, and one warning that names the group; certificates are there', async () => {
    const { names, success, warnings } = await read({ applianceReaders: [] });
    expect(names).toEqual([
      'vmware_vcenter_root_certificate_expiry_timestamp_seconds',
      'vmware_vcenter_sts_certificate_expiry_timestamp_seconds',
    ]);
    expect([success, warnings]).toEqual([
      1,
      [
        'backups, health, ntpServers, rootPassword, schedules, services, timeSync of the appliance could not be read ' +
          '(HTTP 403): the account is not in the single sign-on group SystemConfiguration.ReadOnly. ' +
          'Add it: govc sso.group.update -a <user> SystemConfiguration.ReadOnly',
      ],
    ]);
  });

  it('names the privilege where that is what lacks', async () => {
    const operation = 'rest vcenter/certificate-management/vcenter/signing-certificate';
    const { names, success, warnings } = await read({ faults: [{ kind: 'status', status: 403, operation }] });
    expect(names).toEqual(ALL.filter((name) => !name.includes('_sts_')));
    expect([success, warnings]).toEqual([
      1,
      [expect.stringMatching(/^signingCertificate of the appliance .*no privilege System\.Read/)],
    ]);
  });

  it('is a warning where the appliance has not what its version has', async () => {
    const { names, success, warnings } = await read({
      faults: [{ kind: 'status', status: 404, operation: 'rest appliance/ntp' }],
    });
    expect(names).toEqual(ALL.filter((name) => !name.includes('_ntp_')));
    expect([success, warnings]).toEqual([1, [expect.stringContaining('has no ntpServers (HTTP 404)')]]);
  });
});

describe('an answer that is none', () => {
  const operation = 'rest appliance/recovery/backup/job/details';
  const SECRET = 'sftp://user:hunter2@backup.example.org';
  it.each<[string, DemoVcenterFault, RegExp]>([
    ['is 503', { kind: 'status', status: 503, operation }, /HTTP 503/],
    ['is a web page', { kind: 'status', status: 200, body: '<html>hunter2</html>', operation }, /no JSON/],
    ['is cut off', { kind: 'truncate', operation }, /cut off|cut-off/],
    [
      'is of another shape',
      { kind: 'status', status: 200, body: JSON.stringify({ a: SECRET }), operation },
      /another shape/,
    ],
    [
      'is deep',
      { kind: 'status', status: 200, body: '['.repeat(100_000) + ']'.repeat(100_000), operation },
      /another shape/,
    ],
    [
      'is huge',
      { kind: 'status', status: 200, body: `"${'x'.repeat(5_000_000)}"`, operation },
      /larger than/,
    ],
    [
      'has too many entries',
      { kind: 'status', status: 200, body: `[${'{},'.repeat(100_000)}{}]`, operation },
      /another shape/,
    ],
    ['says that the session is over', { kind: 'status', status: 401, operation }, /HTTP 401/],
  ])('costs its own rows where it %s, and repeats nothing of it', async (_, fault, said) => {
    const { names, success, warnings } = await read({ faults: [fault] });
    expect(names).toEqual(ALL.filter((name) => !name.includes('_backup_last_')));
    expect(success).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(said);
    expect(warnings[0]).toMatch(/^failed; its samples are left out: backups could not be read: /);
    expect(warnings.join()).not.toContain('hunter2');
  });

  it('of one component costs that one', async () => {
    const { series, names, success, warnings } = await read({
      faults: [{ kind: 'status', status: 500, operation: 'rest appliance/health/load' }],
    });
    expect(names).toEqual(ALL);
    expect(Object.keys(series['vmware_vcenter_healthy'] ?? {})).not.toContain('load');
    expect([success, warnings]).toEqual([
      1,
      [expect.stringMatching(/^health of load could not be read: .*HTTP 500/)],
    ]);
  });

  it('of every part, because the session is over, fails the reader', async () => {
    await expect(read({ faults: [{ kind: 'status', status: 401 }] })).rejects.toMatchObject({ status: 401 });
  });
});

const CONTENT = { content: { about: { fullName: '', apiType: '', version: '8.0.3', fields: new Map() } } };

/** The answers of an appliance that is well, but for one resource. */
const sessionWith = (resource: string, answer: (signal: AbortSignal) => Promise<unknown>): RestSession => ({
  async call<T>(call: { resource: string }, schema: z.ZodType<T>, options: { signal: AbortSignal }) {
    const value =
      call.resource === resource
        ? await answer(options.signal)
        : readAppliance(call.resource, DEMO_APPLIANCE);
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new VsphereReplyError('of another shape', { code: 'malformed', status: 200 });
  },
  close: async () => undefined,
  failedLogouts: () => 0,
});

/** Each resource, and the metrics that are made of it. */
const RESOURCES = [
  ['appliance/health/system', /_health/],
  ['appliance/recovery/backup/job/details', /_backup_last_/],
  ['appliance/recovery/backup/schedules', /_backup_schedules/],
  ['appliance/local-accounts/root', /_root_password/],
  ['vcenter/services', /_service_/],
  ['vcenter/certificate-management/vcenter/signing-certificate', /_sts_/],
  ['vcenter/certificate-management/vcenter/trusted-root-chains', /_root_certificate_/],
  ['appliance/timesync', /_time_sync_/],
  ['appliance/ntp', /_ntp_/],
] as const;

describe('whatever one resource answers', () => {
  it.each(RESOURCES)('%s costs no row of another', async (resource, own) => {
    const others = ALL.filter((name) => !own.test(name));
    const keyed = fc.dictionary(fc.string(), fc.anything({ maxDepth: 2, withBigInt: false }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), keyed), async (answer) => {
        const rest = sessionWith(resource, async () => JSON.parse(JSON.stringify(answer) ?? 'null'));
        const { names } = await evaluate(CONTENT, rest, createManualClock());
        expect(names).toEqual(expect.arrayContaining(others));
      }),
      { numRuns: 50 },
    );
  });

  it('has the colour of the one component that answers, however many others do not', async () => {
    const clock = createManualClock();
    const others = sessionWith('', async () => undefined);
    const call: RestSession['call'] = async (request, model, options) => {
      const { resource } = request;
      if (!resource.startsWith('appliance/health/') || resource.endsWith('/swap'))
        return await others.call(request, model, options);
      return await untilAborted(new Promise(() => {}), options.signal);
    };
    let isOver = false;
    const evaluated = evaluate(CONTENT, { ...others, call }, clock).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      // Everything that can go on does so first: its time stands still.
      for (let turns = 0; turns < 500; turns += 1) await new Promise(setImmediate);
      if (!isOver) clock.advance(clock.nextInMs() ?? 0);
    }
    const { series, warnings } = await evaluated;
    expect(series['vmware_vcenter_healthy']).toEqual({ swap: 1 });
    expect(warnings).toHaveLength(7);
  });

  it.each([
    ['appliance/timesync', 10_001, /_time_sync_/, /^failed; .*timeSync of the appliance: out of time$/],
    ['appliance/health/load', 4_001, /^$/, /^health of load could not be read: load: out of time$/],
  ])('%s is waited for, and the rest is there', async (resource, ms, own, said) => {
    const clock = createManualClock();
    const rest = sessionWith(resource, async (limited) => {
      // Until everything else is answered: its time stands still.
      for (let turns = 0; turns < 500; turns += 1) await new Promise(setImmediate);
      clock.advance(ms);
      return await untilAborted(new Promise(() => {}), limited);
    });
    const { series, names, warnings } = await evaluate(CONTENT, rest, clock);
    expect(names).toEqual(ALL.filter((name) => !own.test(name)));
    expect(series['vmware_vcenter_healthy']).toHaveProperty('swap', 1);
    expect(warnings).toEqual([expect.stringMatching(said)]);
  });
});
