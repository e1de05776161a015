import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { createRunLogins } from '../../../lib/logins/trial/run-logins.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { type MalformedItems, malformedItem } from '../../../lib/state/item.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { CredentialState, RevisedState } from '../../../lib/state/stores/credential-states.ts';
import {
  type Holder,
  prepareSsh,
  type SshPlanDeps,
  withoutLogins,
} from '../../../lib/sweep/dispatch/ssh-plan.ts';
import { createRunLists } from '../../../lib/sweep/listing/run-lists.ts';
import { normalDial } from '../../../lib/sweep/plan/address.ts';
import { planHosts } from '../../../lib/sweep/plan/plan-hosts.ts';
import { esxiConfig, history, listedHost, sshPlan } from './builders.ts';

const running = { signal: new AbortController().signal };
const HOUR = 3_600_000;
const holder = (): Holder => ({
  sweep: 'services',
  others: [],
  runId: 'run',
  endsAt: 0,
  logins: createRunLogins({ allowanceOf: () => 3 }),
  lists: createRunLists(),
  countLeft: async () => [],
});
const unexpected = () => Promise.reject(new Error('nobody asked for this'));
const LISTS: Readonly<Record<string, { hours: number; numbers: readonly number[] }>> = {
  first: { hours: 1, numbers: [1] },
  aged: { hours: 25, numbers: [2] },
  unasked: { hours: 1, numbers: [3] },
  last: { hours: 1, numbers: [4] },
};

/** Those that the target lists in this run. */
const HOSTS = [1, 2, 3, 4, 5];

/** Targets in the order of LISTS and one without a list; `unasked` is in no sweep that asks by ssh. */
async function prepare(
  name: string,
  changes: Partial<SshPlanDeps> = {},
  scope = 'host',
  ofHolder: Partial<Holder> = {},
) {
  const config = parseConfig(
    JSON.stringify({
      targets: [...Object.keys(LISTS), 'new'].map((one) => ({ name: one, credentials: { env: 'X' } })),
      esxi: { credentials: { env: 'X', scope } },
      sweeps: [
        { name: 'status', every: '1m', collectors: ['overall-status'] },
        {
          name: 'services',
          every: '1m',
          collectors: ['ssh-services'],
          targets: ['first', 'aged', 'last', 'new'],
        },
      ],
    }),
    { file: 'test', collectors: KNOWN_COLLECTORS },
  );
  const deps: SshPlanDeps = {
    config,
    knownHosts: NO_KNOWN_HOSTS,
    clock: systemClock,
    credentials: {
      read: async () => ({
        id: 'env:X',
        version: 'v1',
        username: 'root',
        proof: { kind: 'password', password: 'x' },
      }),
    },
    log: silentLog,
    accounts: {
      readSome: async () => createAddressMap([]),
      recordLost: unexpected,
      recordRefusal: unexpected,
    },
    flights: { readAll: async () => [], begin: unexpected, end: unexpected },
    credentialStates: {
      read: async (id) => ({ state: { id, provenVersion: 'v1' }, revision: 1 }),
      replace: unexpected,
      list: unexpected,
    },
    hostKeys: { lastChange: async () => '', readSome: async () => new Map() },
    runs: { readLease: async () => undefined },
    stamps: { read: async () => '' },
    rolls: { read: async () => undefined, write: unexpected },
    hostLists: {
      async read(target, schema) {
        const list = LISTS[target];
        if (list === undefined) return undefined;
        const hosts = schema.parse({ hosts: list.numbers.map((one) => listedHost(one)), unreadable: [] });
        return { listedAt: systemClock.now() - list.hours * HOUR, hosts };
      },
      write: async () => undefined,
    },
    ...changes,
  };
  const target = config.targets.find((one) => one.name === name);
  const { esxi } = config;
  if (target === undefined || esxi === undefined) throw new RangeError(name);
  const hosts = HOSTS.map((one) => normalDial(listedHost(one), esxi));
  return await prepareSsh(target, { esxi, holder: { ...holder(), ...ofHolder }, hosts }, deps, running);
}
const broken = () => Promise.reject(new StateError('no table', { code: 'unavailable' }));

describe('prepareSsh', () => {
  it('leaves to earlier targets what their lists of the last day name, if any sweep asks them by ssh', async () => {
    expect([...(await prepare('first')).plan.askedByOthers]).toEqual([]);
    expect([...(await prepare('last')).plan.askedByOthers]).toEqual(['esx1.example.org']);
    expect([...(await prepare('new')).plan.askedByOthers]).toEqual(['esx1.example.org', 'esx4.example.org']);
  });

  it('lets nobody log in when accounts or keys cannot be read, and says so', async () => {
    for (const part of [
      { accounts: { readSome: broken, recordLost: broken, recordRefusal: broken } },
      { flights: { readAll: broken, begin: broken, end: broken } },
      { credentialStates: { read: broken, replace: broken, list: broken } },
      { hostKeys: { lastChange: broken, readSome: async () => new Map() } },
      { hostKeys: { lastChange: async () => '', readSome: broken } },
      { rolls: { read: broken, write: broken } },
    ]) {
      const { plan, problems } = await prepare('last', part);
      expect(plan.stateDown).toBe(true);
      expect(problems).toEqual(['ssh: no table']);
    }
  });

  it('goes on without the list of another target that cannot be read, and says so', async () => {
    const { plan, problems } = await prepare('last', { hostLists: { read: broken, write: broken } });
    expect({ ...plan, problems }).toMatchObject({
      stateDown: false,
      problems: ['ssh: no table', 'ssh: no table'],
    });
    expect([...plan.askedByOthers]).toEqual([]);
  });

  it('leaves an address alone whose account or key is malformed, and no other', async () => {
    const malformed = (key: string, options: { onMalformed?: MalformedItems['onMalformed'] }) =>
      options.onMalformed?.(key, malformedItem({ pk: 'x', sk: key }, 'odd'));
    const { plan, problems } = await prepare('first', {
      accounts: {
        recordLost: unexpected,
        recordRefusal: unexpected,
        async readSome(_user, _which, options) {
          malformed('esx1.example.org', options);
          return createAddressMap([]);
        },
      },
      hostKeys: {
        lastChange: async () => '',
        async readSome(_endpoints, options) {
          malformed('esx2.example.org:22', options);
          return new Map();
        },
      },
    });
    const hosts = planHosts(
      [1, 2, 3].map((one) => listedHost(one)),
      { siteOf: () => '', ssh: plan },
    );
    expect(hosts.map(({ ssh }) => ssh)).toEqual([{ skip: 'state' }, { skip: 'state' }, 'try']);
    expect(problems).toEqual([
      expect.stringContaining('sk="esx2.example.org:22"'),
      expect.stringContaining('sk="esx1.example.org"'),
    ]);
  });

  it('goes by what this process remembers only where the table is away, not where an item of it is malformed', async () => {
    const remembered = { accounts: createAddressMap<AccountHistory>([]), hostKeys: new Map() };
    const memory = { hasFlown: () => true, learnKeys: () => undefined, recall: () => remembered };
    const planWith = async (error: Error) => {
      const flights = { readAll: () => Promise.reject(error), begin: unexpected, end: unexpected };
      return (await prepare('last', { memory, flights })).plan;
    };
    const away = new StateError('no table', { code: 'unavailable' });
    expect(await planWith(away)).toMatchObject({ stateDown: false, fromMemory: true });
    const malformed = malformedItem({ pk: 'run#services#last', sk: 'flight#odd' }, 'batch: not a number');
    expect(await planWith(malformed)).toMatchObject({ stateDown: true });
  });

  it('has no credential when it cannot be read', async () => {
    const { credential, problems } = await prepare('last', { credentials: { read: broken } });
    expect({ credential, problems }).toEqual({ credential: undefined, problems: ['ssh: no table'] });
  });

  it('counts what an earlier run left in flight before it reads the accounts', async () => {
    const calls: string[] = [];
    const flight = {
      id: 'run-0#4',
      batch: 4,
      user: 'root',
      version: 'v0',
      addresses: ['esx1', 'esx2'],
      unproven: [],
    };
    const { plan } = await prepare('last', {
      flights: {
        readAll: async () => [flight],
        begin: unexpected,
        end: async (_sweep, _target, batches) => void calls.push(`end ${batches}`),
      },
      accounts: {
        recordLost: unexpected,
        recordRefusal: async (_user, address, { version, presumed }) => {
          calls.push(`refusal ${address} ${version} ${presumed}`);
          return history();
        },
        readSome: async () => {
          calls.push('read');
          return createAddressMap([]);
        },
      },
    });
    expect(calls).toEqual(['refusal esx1 v0 true', 'refusal esx2 v0 true', 'end run-0#4', 'read']);
    expect(plan.stateDown).toBe(false);
  });

  it('takes no batch of its own first turn for a lost one in the second', async () => {
    const { runId } = holder();
    const flight = {
      id: `${runId}#last#0`,
      batch: 0,
      user: 'root',
      version: 'v1',
      addresses: ['esx1'],
      unproven: [],
    };
    const { lostFlights } = await prepare('last', {
      flights: { readAll: async () => [flight], begin: unexpected, end: unexpected },
    });
    expect(lostFlights).toBe(0);
  });

  it('knows of a lost run with the one account of a domain, where the flights of all runs are counted', async () => {
    const flight = { id: 'run-0#4', batch: 4, user: 'root', version: 'v0', addresses: ['*'], unproven: [] };
    let left = [flight];
    const counting: Partial<SshPlanDeps> = {
      flights: {
        readAll: async () => left,
        begin: unexpected,
        end: async () => {
          left = [];
        },
      },
      accounts: {
        recordLost: unexpected,
        recordRefusal: async () => history(),
        readSome: async () => createAddressMap([]),
      },
    };
    const countLeft = async () => {
      left = [];
      return [];
    };
    expect((await prepare('last', counting, 'domain', { countLeft })).lostFlights).toBe(1);
  });

  it('says until when a credential is suspended, and asks nobody', async () => {
    const nextTryAt = systemClock.now() + HOUR;
    const state = { id: 'env:X', suspended: { version: 'v1', tries: 2, nextTryAt } };
    const { plan, problems } = await prepare('last', {
      credentialStates: { read: async () => ({ state, revision: 3 }), replace: unexpected, list: unexpected },
    });
    expect(plan.suspended).toContain(new Date(nextTryAt).toISOString());
    expect(plan.suspended).toContain('run: vsweep credential lift ');
    expect(problems.join()).toContain(new Date(nextTryAt).toISOString());
  });

  it('asks nobody for anything while another run tries a credential', async () => {
    const endsAt = systemClock.now() + HOUR;
    const state = { id: 'env:X', trial: { holder: 'another', endsAt } };
    const credentialStates = {
      read: async () => ({ state, revision: 1 }),
      replace: unexpected,
      list: unexpected,
    };
    const { plan } = await prepare('last', { credentialStates });
    expect(plan.suspended).toBe(
      `env:X is on trial in another run until ${new Date(endsAt).toISOString()} at the latest. ` +
        'Nothing to do: the next run continues',
    );
  });

  it('gives the trial of a credential to the next run when the accounts cannot be read', async () => {
    let stored: RevisedState = { state: { id: 'env:X' }, revision: 1 };
    const written: CredentialState[] = [];
    const { plan, problems } = await prepare('last', {
      credentialStates: {
        read: async () => stored,
        replace: async (state) => {
          written.push(state);
          stored = { state, revision: stored.revision + 1 };
          return stored;
        },
        list: unexpected,
      },
      accounts: { readSome: broken, recordLost: broken, recordRefusal: broken },
    });
    expect({ stateDown: plan.stateDown, problems }).toEqual({ stateDown: true, problems: ['ssh: no table'] });
    expect(written).toEqual([{ id: 'env:X', trial: expect.anything() }, { id: 'env:X' }]);
  });

  it('keeps a secret that was stored again unchanged under the version that hosts accepted', async () => {
    const passwords: Record<string, string> = { v1: 'same', v2: 'same', v3: 'other' };
    const planOf = (newest: string) =>
      prepare('last', {
        credentials: {
          read: async (_source, { version = newest }) => ({
            id: 'secret:esxi',
            version,
            username: 'root',
            proof: { kind: 'password', password: passwords[version] ?? '' },
          }),
        },
        credentialStates: {
          read: async (id) => ({ state: { id, provenVersion: 'v1' }, revision: 1 }),
          replace: async (state) => ({ state, revision: 2 }),
          list: unexpected,
        },
      });
    const unchanged = await planOf('v2');
    expect([unchanged.credential?.version, unchanged.run?.permission.kind]).toEqual(['v1', 'open']);
    const changed = await planOf('v3');
    expect([changed.credential?.version, changed.run?.permission.kind]).toEqual(['v3', 'trial']);
  });

  it('names the first five hosts whose keys it does not believe, and counts the others', async () => {
    const problemsWith = async (count: number) => {
      const hostKeys: SshPlanDeps['hostKeys'] = {
        lastChange: async () => '',
        async readSome(_endpoints, { onUnsealed }) {
          for (let one = 1; one <= count; one += 1) onUnsealed?.(`esx${one}:22`);
          return new Map();
        },
      };
      return (await prepare('first', { hostKeys })).problems;
    };
    expect(await problemsWith(0)).toEqual([]);
    expect(await problemsWith(5)).toEqual([
      'ssh: the host keys of esx1:22, esx2:22, esx3:22, esx4:22, esx5:22 in the state table were not written by the ' +
        'functions of this stack, so they count as unknown',
    ]);
    expect((await problemsWith(7)).join()).toContain(', esx5:22 and 2 more in the state table');
  });

  it('goes by the keys that are pinned, and teaches them to the memory', async () => {
    const key = { type: 'ssh-rsa', blob: 'AAAA' };
    const learned: unknown[] = [];
    const { plan, known } = await prepare('first', {
      hostKeys: {
        lastChange: async () => 'change',
        readSome: async () => new Map([['esx1.example.org:22', { ...key, target: 'vc01' } as never]]),
      },
      memory: {
        hasFlown: () => true,
        recall: unexpected as never,
        learnKeys: (keys) => learned.push(...[...keys].filter(([, one]) => one !== undefined)),
      },
    });
    expect([...plan.hostKeys]).toEqual([['esx1.example.org:22', key]]);
    expect(learned).toEqual([['esx1.example.org:22', key]]);
    expect(known?.keysChange).toBe('change');
  });

  describe('when the table cannot be read', () => {
    const away = { accounts: { readSome: broken, recordLost: broken, recordRefusal: broken } };
    const hostKeys = new Map([['esx1.example.org:22', { type: 'ssh-rsa', blob: 'AAAA' }]]);
    const accounts = createAddressMap([['esx1.example.org', history({ provenVersion: 'v1' })]]);
    const remembering = (recall: NonNullable<SshPlanDeps['memory']>['recall']) => ({
      ...away,
      memory: { hasFlown: () => true, learnKeys: () => undefined, recall },
    });

    it('goes by what this process remembers of the credential, and says that it does', async () => {
      const asked: unknown[] = [];
      const memory = remembering((of) => {
        asked.push(of);
        return { accounts, hostKeys };
      });
      const { plan, problems, run } = await prepare('last', memory);
      expect(plan).toMatchObject({
        fromMemory: true,
        stateDown: false,
        credentialVersion: 'v1',
        accounts,
        hostKeys,
      });
      expect([...plan.askedByOthers]).toEqual(['esx1.example.org']);
      expect({ problems, run }).toEqual({ problems: ['ssh: no table'], run: undefined });
      expect(asked).toEqual([
        { user: 'root', credential: { id: 'env:X', version: 'v1', username: 'root', scope: 'host' } },
      ]);
    });

    it('asks nobody by a list of another target that it cannot read either', async () => {
      const memory = remembering(() => ({ accounts, hostKeys }));
      const { plan, problems } = await prepare('last', {
        ...memory,
        hostLists: { read: broken, write: broken },
      });
      expect(plan.stateDown).toBe(true);
      expect(plan.fromMemory).toBeUndefined();
      expect(problems).toEqual(['ssh: no table', 'ssh: no table']);
    });

    it('asks nobody of whom it remembers nothing', async () => {
      expect(
        (
          await prepare(
            'last',
            remembering(() => undefined),
          )
        ).plan.stateDown,
      ).toBe(true);
    });

    it('asks nobody with the one account of a domain, whose count it does not know', async () => {
      const memory = remembering(() => ({ accounts, hostKeys }));
      const { plan } = await prepare('first', memory, 'domain');
      expect({ ...plan, accounts: plan.accounts.get('*') }).toMatchObject({
        stateDown: true,
        accounts: undefined,
      });
    });
  });
});

describe('withoutLogins', () => {
  it('reads nothing, and goes by nobody', async () => {
    const config = { blacklist: { minutes: 20 } } as SshPlanDeps['config'];
    const clock = { ...systemClock, now: () => 7 };
    const nothing = withoutLogins({ name: 'vc01' }, esxiConfig(), {
      clock,
      config,
      knownHosts: NO_KNOWN_HOSTS,
    });
    expect(nothing).toEqual({
      plan: sshPlan({ target: 'vc01', now: 7, credentialVersion: '' }),
      credential: undefined,
      run: undefined,
      problems: [],
    });
  });
});
