import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import type { ApplianceNeed, ApplianceReading } from '../../../lib/catalogue/sources/appliance.ts';
import { DEMO_APPLIANCE, readAppliance } from '../../../lib/demo/vcenter/appliance.ts';
import { appliance } from '../../../lib/readers/appliance.ts';
import { HEALTH_COMPONENTS } from '../../../lib/vsphere/appliance/appliance-state.ts';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { RestSession } from '../../../lib/vsphere/rest/rest-session.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import { allOf } from './answering.ts';

const RESOURCE_OF: Readonly<Record<ApplianceNeed, string>> = {
  health: 'appliance/health/',
  backups: 'appliance/recovery/backup/job/details',
  schedules: 'appliance/recovery/backup/schedules',
  rootPassword: 'appliance/local-accounts/root',
  services: 'vcenter/services',
  signingCertificate: 'vcenter/certificate-management/vcenter/signing-certificate',
  trustedRoots: 'vcenter/certificate-management/vcenter/trusted-root-chains',
  timeSync: 'appliance/timesync',
  ntpServers: 'appliance/ntp',
};
const NEEDS = Object.keys(RESOURCE_OF) as ApplianceNeed[];
const OF_ROLE: readonly string[] = ['signingCertificate', 'trustedRoots'];
const status = (code: number) => new VsphereReplyError(`HTTP ${code}`, { code: 'status', status: code });
type Fail = (resource: string) => Error | undefined;

/** What the reader finds of an appliance that is well but for what `fail` says. */
async function read(
  fail: Fail = () => undefined,
  {
    version = '8.0.3',
    needs = NEEDS,
    hasApi = true,
    signal = new AbortController().signal,
  }: { version?: string; needs?: readonly ApplianceNeed[]; hasApi?: boolean; signal?: AbortSignal } = {},
): Promise<{ reading: ApplianceReading; most: number; morefs: string[] }> {
  const running = { now: 0, most: 0 };
  const rest: RestSession = {
    async call<T>({ resource }: { resource: string }, schema: z.ZodType<T>) {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      await new Promise(setImmediate);
      running.now -= 1;
      const error = fail(resource);
      if (error !== undefined) throw error;
      return schema.parse(readAppliance(resource, DEMO_APPLIANCE));
    },
    close: async () => undefined,
    failedLogouts: () => 0,
  };
  const about = { fullName: '', apiType: '', version, fields: new Map() };
  const session = {
    connection: { content: { about } } as never,
    rest: async () => (hasApi ? rest : undefined),
    events: NO_EVENTS,
  };
  const items = ['group-d1', 'group-d2'].map((moref) => ({ type: 'Folder', moref }));
  const clock = createManualClock();
  const found = await allOf(appliance.read([{ kind: 'vcenter', needs, items }], { session, clock, signal }));
  const [first] = found;
  if (first === undefined) throw new Error('nothing was yielded');
  expect(found.map(([kind, , reading]) => [kind, reading])).toEqual(items.map(() => ['vcenter', first[2]]));
  return { reading: first[2], most: running.most, morefs: found.map(([, moref]) => moref) };
}

/** Fails at these needs. */
const failing =
  (needs: readonly ApplianceNeed[], error: Error): Fail =>
  (resource) =>
    needs.some((need) => resource.startsWith(RESOURCE_OF[need])) ? error : undefined;
const without = (...needs: readonly string[]) => NEEDS.filter((need) => !needs.includes(need)).toSorted();
const GROUP =
  'the account is not in the single sign-on group SystemConfiguration.ReadOnly. Add it: govc sso.group.update -a <user> SystemConfiguration.ReadOnly';
const ROLE =
  "the account has no privilege System.Read on the root of the vCenter. Add it to the account's role";

describe('the reader of an appliance', () => {
  it('has every part of each item, three parts and four components at once', async () => {
    const { reading, most, morefs } = await read();
    expect(Object.keys(reading.answers).toSorted()).toEqual(without());
    expect(reading).toMatchObject({ denied: {}, lacking: {}, failed: {}, absent: new Set() });
    expect(reading.answers.health?.problems).toEqual([]);
    expect([...(reading.answers.health?.colours.keys() ?? [])].toSorted()).toEqual(
      HEALTH_COMPONENTS.toSorted(),
    );
    expect(most).toBe(6);
    expect(morefs).toEqual(['group-d1', 'group-d2']);
  });

  it.each([
    ['6.0', NEEDS],
    ['6.5', NEEDS.filter((need) => need !== 'health')],
    ['6.7', OF_ROLE],
    ['6.7.1', OF_ROLE],
    ['6.7.2', ['signingCertificate']],
    ['7.0.2', ['signingCertificate']],
    ['7.0.3', []],
  ])('asks vCenter %s for what it has, without a word of %j', async (version, absent) => {
    const { reading } = await read(undefined, { version });
    expect(reading.absent).toEqual(new Set(absent));
    expect(Object.keys(reading.answers).toSorted()).toEqual(without(...absent));
    expect(reading).toMatchObject({ denied: {}, lacking: {}, failed: {} });
  });

  it('has nothing where there is no such API, or where nothing is needed', async () => {
    const reading = { answers: {}, denied: {}, lacking: {}, failed: {}, absent: new Set(NEEDS) };
    expect((await read(undefined, { hasApi: false })).reading).toEqual(reading);
    expect((await read(undefined, { needs: [] })).reading).toEqual({ ...reading, absent: new Set() });
  });
});

describe('a part of an appliance that has no answer', () => {
  it.each(NEEDS)('says of %s alone what the account lacks', async (need) => {
    const { reading } = await read(failing([need], status(403)));
    const remedy = OF_ROLE.includes(need) ? ROLE : GROUP;
    expect(reading.denied).toEqual({
      [need]: `${need} of the appliance could not be read (HTTP 403): ${remedy}`,
    });
    expect(Object.keys(reading.answers).toSorted()).toEqual(without(need));
  });

  it('says the same of all that the account lacks for one reason', async () => {
    const { reading } = await read(() => status(403));
    const ofGroup = without(...OF_ROLE);
    const said = (needs: readonly string[], remedy: string) =>
      needs.map((need) => [
        need,
        `${needs.join(', ')} of the appliance could not be read (HTTP 403): ${remedy}`,
      ]);
    expect(reading).toEqual({
      answers: {},
      lacking: {},
      failed: {},
      absent: new Set(),
      denied: Object.fromEntries([...said(ofGroup, GROUP), ...said(OF_ROLE, ROLE)]),
    });
  });

  it.each(NEEDS)('says of %s that its version has it, where it answers 404', async (need) => {
    const { reading } = await read(failing([need], status(404)));
    expect(reading.denied).toEqual({
      [need]: `the appliance has no ${need} (HTTP 404), which its version has. Check for a vCenter on Windows, and for a proxy between`,
    });
    expect(reading.failed).toEqual({});
  });

  it.each([
    ['503', status(503), 'HTTP 503'],
    ['401, because only the account may not see it', status(401), 'HTTP 401'],
    ['cut off', Object.assign(new Error('cut off'), { status: 403 }), 'cut off'],
  ])('costs its own rows where it is %s', async (_, error, said) => {
    const { reading } = await read(failing(['services', 'ntpServers'], error));
    expect(reading).toMatchObject({
      denied: {},
      failed: {
        services: `services could not be read: ${said}`,
        ntpServers: `ntpServers could not be read: ${said}`,
      },
    });
    expect(Object.keys(reading.answers).toSorted()).toEqual(without('services', 'ntpServers'));
  });

  it('fails the reader where all say that the session is over', async () => {
    await expect(read(() => status(401))).rejects.toMatchObject({ status: 401 });
    const { reading } = await read(failing(NEEDS.slice(1), status(401)));
    expect(Object.keys(reading.answers)).toEqual(['health']);
  });
});

describe('the health of an appliance', () => {
  const of =
    (component: string, error: Error): Fail =>
    (resource) =>
      resource.endsWith(`/health/${component}`) ? error : undefined;

  it('lacks the colour of a component that fails, and says so', async () => {
    const { reading } = await read(of('load', status(500)));
    expect(reading.answers.health?.problems).toEqual(['health of load could not be read: HTTP 500']);
    expect(reading.answers.health?.colours.size).toBe(HEALTH_COMPONENTS.length - 1);
    expect(reading.failed).toEqual({});
  });

  it('fails with the first of them where no component answers', async () => {
    const { reading } = await read((resource) =>
      resource.startsWith(RESOURCE_OF.health) ? status(resource.endsWith('/system') ? 500 : 501) : undefined,
    );
    expect(reading.failed).toEqual({ health: 'health could not be read: HTTP 500' });
  });

  it('ends with the signal', async () => {
    const ended = new AbortController();
    const fail: Fail = (resource) => {
      if (!resource.endsWith('/swap')) return undefined;
      ended.abort(new Error('the run is over'));
      return status(500);
    };
    const reading = read(fail, { needs: ['health'], signal: ended.signal });
    await expect(reading).rejects.toThrow('the run is over');
  });
});
