import { describe, expect, it } from 'vitest';
import { targetChecks } from '../../../../lib/cli/doctor/checks/target.ts';
import type { Check } from '../../../../lib/cli/doctor/engine/check.ts';
import { green } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { LoginForbiddenError } from '../../../../lib/logins/errors.ts';
import { StateError } from '../../../../lib/state/errors.ts';
import { createState } from '../../../../lib/state/state.ts';
import { readLastList } from '../../../../lib/sweep/listing/list-target.ts';
import { VsphereLoginError } from '../../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { createMemoryTable } from '../../../support/world/memory-table.ts';
import { configOf, sweep } from '../../config/deployable.ts';
import { answeringSession, object, property } from '../../vsphere/answering-session.ts';

const { signal } = new AbortController();
const options = { signal };
const NOW = Date.UTC(2026, 10, 25);
const SYSTEM = 'configManager.dateTimeSystem';
const state = (connection: string) =>
  property('runtime.connectionState', connection, 'HostSystemConnectionState');
const listed = (at: number, connection = 'connected') =>
  object(`HostSystem:host-${at}`, property('name', `esx${at}`), state(connection));
const system = (at: number) =>
  object(
    `HostSystem:host-${at}`,
    property(SYSTEM, `dt-${at}`, 'ManagedObjectReference').replace(
      '<val ',
      '<val type="HostDateTimeSystem" ',
    ),
  );
const availability = (privId: string) =>
  `<privAvailability><privId>${privId}</privId><isGranted>true</isGranted></privAvailability>`;

interface Vcenter {
  readonly hosts?: string;
  readonly systems?: string;
  readonly time?: string;
  readonly times?: (system: string) => string;
  readonly held?: readonly string[];
  readonly refuses?: Error;
  readonly aws?: boolean;
  readonly table?: string;
  readonly credentials?: object;
  readonly endLeftoverSessions?: boolean;
  readonly collectors?: readonly string[];
  /** How long each call takes. */
  readonly callMs?: number;
  readonly esxi?: object;
}

function checksOf(of: Vcenter) {
  const clock = createManualClock(NOW);
  const config = configOf({
    targets: [
      {
        name: 'vc01',
        url: 'https://VC01.example.org/sdk',
        credentials: of.credentials ?? { file: '/etc/vc 1.yaml' },
        endLeftoverSessions: of.endLeftoverSessions ?? false,
      },
    ],
    sweeps: [sweep('a', of.collectors ?? ['hosts'])],
    ...(of.esxi && { esxi: { credentials: { env: 'ESXI' }, ...of.esxi } }),
  });
  const [vc01] = config.targets;
  if (vc01 === undefined) throw new Error('no target');
  const { session, calls } = answeringSession(
    ({ operation, body }) => {
      clock.advance(of.callMs ?? 0);
      switch (operation) {
        case 'CreateContainerView':
          return '<returnval type="ContainerView">view-1</returnval>';
        case 'CurrentTime':
          return `<returnval>${of.time}</returnval>`;
        case 'QueryDateTime':
          return `<returnval>${of.times?.(/>(dt-\d+)</.exec(body)?.[1] ?? '')}</returnval>`;
        case 'HasPrivilegeOnEntities':
          return `<returnval>${(of.held ?? []).map(availability).join('')}</returnval>`;
        default:
          if (body.includes(SYSTEM)) return of.systems ?? '';
          if (body.includes('currentSession'))
            return object(
              'sessionManager:sessionManager',
              property('currentSession', '<key>k</key>', 'UserSession'),
            );
          return of.hosts ?? '';
      }
    },
    { viewManager: { type: 'ViewManager', value: 'v' } },
  );
  const stores = createState({ table: createMemoryTable(), clock });
  const container = {
    state: stores,
    credentials: { read: async () => ({ username: 'sweeper', version: 'v2' }) },
    ...(of.table && { table: of.table }),
  };
  const surroundings = {
    loaded: { config: of.aws ? config : { ...config, aws: undefined } },
    clock,
    words: (...words: readonly string[]) => `vsweep ${words.join(' ')}`,
    state: { container: () => container },
    inSession: async (_target: object, work: (one: object) => Promise<unknown>) => {
      if (of.refuses !== undefined) throw of.refuses;
      return await work({ ...session, about: { fullName: 'VMware vCenter Server 8.0' } });
    },
  } as unknown as Parameters<typeof targetChecks>[1];
  const before: Check = { name: 'credential', subject: 's', run: async () => green('') };
  const { checks, hosts } = targetChecks(vc01, surroundings, [before]);
  const [login, list, privileges, clockOf, clocksOf] = checks;
  const tell = async (check: Check | undefined) =>
    [(await check?.run(options)) ?? []].flat().map(printVerdict);
  return {
    checks,
    hosts,
    calls,
    stores,
    clock,
    vc01,
    login,
    tell: {
      login: () => tell(login),
      listed: () => tell(list),
      privileges: () => tell(privileges),
      clock: () => tell(clockOf),
      clocks: async () => {
        await tell(list);
        return await tell(clocksOf);
      },
    },
  };
}

it('a target is looked at behind its login, and the clocks of its hosts behind their list', () => {
  const described = checksOf({}).checks.map(({ name, subject, after = [], ms }) => [
    name,
    subject,
    after.map((one) => one.name).join(),
    ms,
  ]);
  expect(described).toEqual([
    ['login', 'vc01', 'credential', 45_000],
    ['hosts', 'vc01', 'login', 60_000],
    ['privileges', 'vc01', 'login', undefined],
    ['clock', 'vc01', 'login', undefined],
    ['clock', 'hosts of vc01', 'hosts', 30_000],
  ]);
});

describe('a login', () => {
  const refused = new VsphereLoginError('vc01: login refused', { code: 'login-refused' });

  it('that is taken says by what, and how many refusals count', async () => {
    const taken = checksOf({});
    expect(taken.login?.passed?.()).toBe(false);
    expect(await taken.tell.login()).toEqual([
      'green: logged in to VMware vCenter Server 8.0; no refused login counts against it',
    ]);
    expect(taken.login?.passed?.()).toBe(true);
  });

  it('that is refused opens the file of its credential, and says what is left of the account', async () => {
    const known = checksOf({ refuses: refused });
    await known.stores.accounts.recordRefusal(
      'sweeper',
      'vc01.example.org',
      { version: 'v1', answered: true, decays: true } as never,
      options,
    );
    expect(await known.tell.login()).toEqual([
      `red: vc01: login refused; 1 refused login counts against it; another login may be tried | "\${EDITOR:-vi}" '/etc/vc 1.yaml'`,
    ]);
    expect(known.login?.passed?.()).toBe(false);
    expect(await checksOf({ refuses: refused, credentials: { env: 'VC' } }).tell.login()).toEqual([
      'red: vc01: login refused; no refused login counts against it',
    ]);
    expect(
      await checksOf({
        refuses: Object.assign(new Error('no answer'), { code: 'login-cut-off' }),
      }).tell.login(),
    ).toEqual(['red: no answer; no refused login counts against it']);
  });

  it('that is forbidden is lifted by a command, which asks to confirm that a counter was reset', async () => {
    const account = { user: 'sweeper', address: 'vc01.example.org' };
    const forbidden = new LoginForbiddenError(account, {
      allowed: false,
      reason: 'blacklist',
      opens: 'lift',
    } as never);
    const of = async (decays: boolean, more: Vcenter = {}) => {
      const plan = checksOf({ refuses: forbidden, ...more });
      await plan.stores.accounts.recordRefusal(
        'sweeper',
        'vc01.example.org',
        { version: 'v1', answered: true, decays } as never,
        options,
      );
      const [line = ''] = await plan.tell.login();
      return line.split(' | ');
    };
    const lift = 'vsweep blacklist lift --user sweeper --address vc01.example.org';
    const [reason, command] = await of(true);
    expect(reason).toBe(`red: ${forbidden.message}`);
    expect(command).toBe(lift);
    expect((await of(false))[1]).toBe(`${lift} --counter-was-reset`);
    expect((await of(true, { table: 'T' }))[1]).toBe(`${lift} --table T`);
  });

  it('whose attempt cannot be recorded in the table of a stack was not tried', async () => {
    const refuses = new StateError('the table is away', { code: 'unavailable' } as never);
    const ofStack = checksOf({ refuses, table: 'T' });
    expect(await ofStack.tell.login()).toEqual([
      `yellow: not tried, because the attempt cannot be recorded: ${refuses.message}`,
    ]);
    expect(ofStack.login?.passed?.()).toBe(false);
    expect(await checksOf({ refuses }).tell.login()).toEqual([
      `red: ${refuses.message}; no refused login counts against it`,
    ]);
  });

  it('has no line when the command is stopped', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(checksOf({ refuses: refused }).login?.run({ signal: stopped })).rejects.toThrow('stopped');
  });
});

describe('the hosts', () => {
  const hosts = listed(1) + listed(2);

  it('that the account sees are counted, and kept for the commands on host keys', async () => {
    const plan = checksOf({ hosts });
    expect(plan.hosts()).toEqual([]);
    expect(await plan.tell.listed()).toEqual(['green: the account sees 2 hosts']);
    expect(plan.hosts().map(({ name }) => name)).toEqual(['esx1', 'esx2']);
    const kept = await readLastList('vc01', { ...plan.stores, clock: plan.clock }, options);
    expect(kept?.hosts.map(({ name }) => name)).toEqual(['esx1', 'esx2']);
  });

  it('are not kept beside a stack, which believes its functions only', async () => {
    const plan = checksOf({ hosts, aws: true });
    expect(await plan.tell.listed()).toEqual(['green: the account sees 2 hosts']);
    expect(await readLastList('vc01', { ...plan.stores, clock: plan.clock }, options)).toBeUndefined();
  });

  it('are asked for what logins by ssh need, and for no more without them', async () => {
    const asked = async (esxi: object | undefined) => {
      const plan = checksOf({ hosts, ...(esxi && { esxi }) });
      await plan.tell.listed();
      const bodies = plan.calls.map(({ body }) => body).join();
      return [bodies.includes('virtualNicManagerInfo'), bodies.includes('TSM-SSH')];
    };
    expect(await asked(undefined)).toEqual([false, false]);
    expect(await asked({})).toEqual([false, true]);
    expect(await asked({ address: 'management-ip' })).toEqual([true, true]);
  });

  it('are none where the account has no role', async () => {
    expect(await checksOf({}).tell.listed()).toEqual([
      'red: the account sees no host. Give it its role on the root folder, propagated: the commands are printed by | vsweep role',
    ]);
  });
});

describe('the privileges', () => {
  const every = ['System.Anonymous', 'System.View', 'System.Read'];

  it('that the collectors of the sweeps of the target need are asked for', async () => {
    expect(await checksOf({ held: every }).tell.privileges()).toEqual([
      'green: the account has all 3 privileges that its collectors need',
    ]);
    expect(await checksOf({ held: every.slice(0, 2) }).tell.privileges()).toEqual([
      'red: the account lacks System.Read on the root folder, for hosts. Add it to its role, propagated | vsweep role',
    ]);
  });

  it('name the collectors that need them, or what else does', async () => {
    const lacking = (privilege: string, by: string) =>
      `yellow: the account lacks ${privilege} on the root folder, for ${by}. Add it to its role, propagated | vsweep role`;
    const tell = (collectors: readonly string[]) =>
      checksOf({ held: every, collectors, endLeftoverSessions: true }).tell.privileges();
    expect(await tell(['hosts', 'vcenter'])).toEqual([
      lacking('Global.Licenses', 'vcenter'),
      lacking('Sessions.TerminateSession', 'vcenter'),
    ]);
    expect(await tell(['hosts'])).toEqual([lacking('Sessions.TerminateSession', 'endLeftoverSessions')]);
  });
});

describe('the clocks', () => {
  const at = (ms: number) => new Date(NOW + ms).toISOString();

  it('of a vCenter is held against the middle of its answer', async () => {
    const agrees = ['green: its clock agrees with that of this machine'];
    expect(await checksOf({ time: at(2_000) }).tell.clock()).toEqual(agrees);
    // It was 4 s under way: what it says is of 2 s ago, and known to 2 s.
    expect(await checksOf({ time: at(6_000), callMs: 4_000 }).tell.clock()).toEqual(agrees);
    expect(await checksOf({ time: at(6_001), callMs: 4_000 }).tell.clock()).toEqual([
      'yellow: its clock is 4.0 s ahead of this machine. Compare both with a time server (NTP)',
    ]);
  });

  it('of the first ten connected hosts are asked, and those without an answer are named', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    const plan = checksOf({
      hosts: listed(0, 'disconnected') + numbers.map((one) => listed(one)).join(''),
      systems: numbers
        .filter((one) => one !== 2 && one <= 10)
        .map(system)
        .join(''),
      times: (one) => (one === 'dt-3' ? 'nonsense' : at(one === 'dt-4' ? -5_000 : 0)),
    });
    expect(await plan.tell.clocks()).toEqual([
      'yellow: esx4: its clock is 5.0 s behind this machine. Compare both with a time server (NTP) (8 of 12 hosts asked; without an answer: esx3)',
    ]);
    const asked = plan.calls.filter(({ operation }) => operation === 'QueryDateTime');
    expect(asked).toHaveLength(9);
  });

  it('of simulators, which have no date and time system, are not asked', async () => {
    const plan = checksOf({ hosts: listed(1), systems: object('HostSystem:host-1') });
    expect(await plan.tell.clocks()).toEqual([
      'green: not asked: no connected host has a date and time system',
    ]);
    expect(plan.calls.some(({ operation }) => operation === 'QueryDateTime')).toBe(false);
    const off = checksOf({ hosts: listed(1, 'notResponding') });
    await off.tell.clocks();
    expect(off.calls.some(({ body }) => body.includes(SYSTEM))).toBe(false);
  });
});
