import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import { readCertificate } from '../../../lib/platform/certificate.ts';
import {
  countNtpServers,
  HEALTH_COMPONENTS,
  readBackupJobs,
  readBackupSchedules,
  readHealth,
  readRootPasswordEnd,
  readServices,
  readTimeSync,
} from '../../../lib/vsphere/appliance/appliance-state.ts';
import {
  readSigningCertificate,
  readTrustedRoots,
} from '../../../lib/vsphere/appliance/trust-certificates.ts';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { RestSession } from '../../../lib/vsphere/rest/rest-session.ts';
import type { RestCall } from '../../../lib/vsphere/rest/rest-version.ts';

const options = { signal: new AbortController().signal };

/** A REST API with these answers by resource; an error is thrown. */
function restOf(answers: Readonly<Record<string, unknown>>) {
  const calls: RestCall[] = [];
  const rest: RestSession = {
    async call<T>(call: RestCall, schema: z.ZodType<T>): Promise<T> {
      calls.push(call);
      const answer = answers[call.resource];
      if (answer instanceof Error) throw answer;
      return schema.parse(answer);
    },
    close: async () => undefined,
    failedLogouts: () => 0,
  };
  return { rest, calls };
}

/** What the reader makes of the only answer of the API. */
async function read<T>(
  reader: (rest: RestSession, options: { signal: AbortSignal }) => Promise<T>,
  resource: string,
  answer: unknown,
): Promise<T> {
  const { rest, calls } = restOf({ [resource]: answer });
  const found = await reader(rest, options);
  expect(calls).toEqual([{ resource, maxBytes: 4 * 1024 * 1024 }]);
  return found;
}
const numbered = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));
const keyed = (map: object) => Object.entries(map).map(([key, value]) => ({ key, value }));

describe('what an appliance says of itself', () => {
  it('is the health of eight components, each a colour of its own', async () => {
    expect(HEALTH_COMPONENTS).toEqual([
      'system',
      'applmgmt',
      'database-storage',
      'load',
      'mem',
      'software-packages',
      'storage',
      'swap',
    ]);
    const health = (answer: unknown) =>
      read((rest) => readHealth(rest, 'mem', options), 'appliance/health/mem', answer);
    expect(await health('green')).toBe('green');
    expect(await health('x'.repeat(64))).toHaveLength(64);
    for (const odd of ['', 'x'.repeat(65), null, 5, ['green']]) await expect(health(odd)).rejects.toThrow();
  });

  it('is its backup jobs, in either form of a map', async () => {
    const resource = 'appliance/recovery/backup/job/details';
    const jobs = {
      a: { status: 'SUCCEEDED', start_time: '2026-01-01T00:00:00Z', end_time: '2026-01-01T02:00:00+01:00' },
      b: { status: 'RUNNING', start_time: null },
    };
    const expected = [
      { status: 'SUCCEEDED', startedAt: Date.UTC(2026, 0, 1), endedAt: Date.UTC(2026, 0, 1, 1) },
      { status: 'RUNNING', startedAt: undefined, endedAt: undefined },
    ];
    expect(await read(readBackupJobs, resource, jobs)).toEqual(expected);
    expect(await read(readBackupJobs, resource, keyed(jobs))).toEqual(expected);
    const odd = { status: 'FAILED', end_time: 'yesterday' };
    await expect(read(readBackupJobs, resource, { a: odd })).rejects.toThrow();
    expect(await read(readBackupJobs, resource, numbered(2_000, jobs.b))).toHaveLength(2_000);
    await expect(read(readBackupJobs, resource, numbered(2_001, jobs.b))).rejects.toThrow();
    await expect(read(readBackupJobs, resource, keyed(numbered(2_001, jobs.b)))).rejects.toThrow();
  });

  it('is whether each of its schedules of backups is enabled', async () => {
    const resource = 'appliance/recovery/backup/schedules';
    const one = { enable: true, location: 'ftp://x', location_password: 'SECRET' };
    expect(await read(readBackupSchedules, resource, { a: one, b: { enable: false } })).toEqual([
      true,
      false,
    ]);
    expect(await read(readBackupSchedules, resource, numbered(100, one))).toHaveLength(100);
    await expect(read(readBackupSchedules, resource, numbered(101, one))).rejects.toThrow();
    await expect(read(readBackupSchedules, resource, null)).rejects.toThrow();
  });

  it('is when the password of root ends', async () => {
    const end = (answer: unknown) => read(readRootPasswordEnd, 'appliance/local-accounts/root', answer);
    expect(await end({ password_expires_at: '2026-01-01T00:00:00Z' })).toBe(Date.UTC(2026, 0, 1));
    expect(await end({ password_expires_at: null })).toBeUndefined();
    expect(await end({ enabled: true })).toBeUndefined();
  });

  it('lists its services, each with its state and health', async () => {
    const resource = 'vcenter/services';
    const service = { startup_type: 'AUTOMATIC', state: 'STARTED', health: 'HEALTHY', name_key: 'x' };
    expect(await read(readServices, resource, { vpxd: service, vsan: { ...service, health: null } })).toEqual(
      [
        { name: 'vpxd', startupType: 'AUTOMATIC', state: 'STARTED', health: 'HEALTHY' },
        { name: 'vsan', startupType: 'AUTOMATIC', state: 'STARTED', health: undefined },
      ],
    );
    expect(await read(readServices, resource, numbered(300, service))).toHaveLength(300);
    await expect(read(readServices, resource, numbered(301, service))).rejects.toThrow();
    await expect(read(readServices, resource, [{ key: '', value: service }])).rejects.toThrow();
    await expect(read(readServices, resource, [{ key: 'x'.repeat(257), value: service }])).rejects.toThrow();
    expect(await read(readServices, resource, [{ key: 'x'.repeat(256), value: service }])).toHaveLength(1);
  });

  it('is where it has its time from', async () => {
    expect(await read(readTimeSync, 'appliance/timesync', 'NTP')).toBe('NTP');
    expect(await read(countNtpServers, 'appliance/ntp', ['a', 'b'])).toBe(2);
    expect(await read(countNtpServers, 'appliance/ntp', Array(1_000).fill('a'))).toBe(1_000);
    await expect(read(countNtpServers, 'appliance/ntp', Array(1_001).fill('a'))).rejects.toThrow();
    await expect(read(countNtpServers, 'appliance/ntp', [5])).rejects.toThrow();
  });
});

describe('the certificates of a vCenter', () => {
  const { valid, ended } = DEMO_CERTIFICATES;
  const BASE = 'vcenter/certificate-management/vcenter';
  const ROOTS = `${BASE}/trusted-root-chains`;
  const chain = (...certificates: readonly unknown[]) => ({ cert_chain: { cert_chain: certificates } });

  it('are the one that signs tokens, or its issuer that ends before', async () => {
    const signing = (...certificates: readonly unknown[]) =>
      read(readSigningCertificate, `${BASE}/signing-certificate`, {
        active_cert_chain: { cert_chain: certificates },
      });
    expect(await signing(valid, ended)).toEqual(readCertificate(ended));
    expect(await signing(ended, valid)).toEqual(readCertificate(ended));
    expect(await signing(valid)).toEqual(readCertificate(valid));
    const error = await signing(valid, 'x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VsphereReplyError);
    expect(error).toMatchObject({
      code: 'malformed',
      message: 'the chain of the signing certificate holds something else',
    });
    await expect(signing()).rejects.toThrow('Too small');
    await expect(signing(...Array(50).fill(valid))).resolves.toBeDefined();
    await expect(signing(...Array(51).fill(valid))).rejects.toThrow('Too big');
    const long = (length: number) => valid + ' '.repeat(length - valid.length);
    await expect(signing(long(65_536))).resolves.toBeDefined();
    await expect(signing(long(65_537))).rejects.toThrow('Too big');
  });

  it('are those that it trusts, each chain by its first to end, without one that is gone', async () => {
    const gone = new VsphereReplyError('gone', { code: 'status', status: 404 });
    const { rest, calls } = restOf({
      [ROOTS]: [{ chain: 'a/b' }, { chain: 'odd' }, { chain: 'gone' }, { chain: 'c' }],
      [`${ROOTS}/a%2Fb`]: chain(valid, ended),
      [`${ROOTS}/odd`]: chain('x', valid),
      [`${ROOTS}/gone`]: gone,
      [`${ROOTS}/c`]: chain(valid),
    });
    const { roots, unreadable } = await readTrustedRoots(rest, options);
    expect(roots.toSorted((one, other) => (one.chain < other.chain ? -1 : 1))).toEqual([
      { chain: 'a/b', ...readCertificate(ended) },
      { chain: 'c', ...readCertificate(valid) },
    ]);
    expect(unreadable).toBe(1);
    expect(calls).toHaveLength(5);
  });

  it('are an error where a chain cannot be asked for', async () => {
    const error = new VsphereReplyError('refused', { code: 'status', status: 500 });
    const { rest } = restOf({ [ROOTS]: [{ chain: 'a' }], [`${ROOTS}/a`]: error });
    await expect(readTrustedRoots(rest, options)).rejects.toBe(error);
    const other = restOf({ [ROOTS]: [{ chain: 'a' }], [`${ROOTS}/a`]: new Error('other') });
    await expect(readTrustedRoots(other.rest, options)).rejects.toThrow('other');
  });

  it('are asked for two at once, and 200 at most', async () => {
    let running = 0;
    let most = 0;
    const list = (count: number) =>
      ({
        call: async <T>({ resource }: RestCall, schema: z.ZodType<T>) => {
          if (resource === ROOTS)
            return schema.parse(Array.from({ length: count }, (_, index) => ({ chain: `c${index}` })));
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          return schema.parse(chain('x'));
        },
      }) as unknown as RestSession;
    expect(await readTrustedRoots(list(200), options)).toEqual({ roots: [], unreadable: 200 });
    expect(most).toBe(2);
    await expect(readTrustedRoots(list(201), options)).rejects.toThrow('Too big');
  });
});
