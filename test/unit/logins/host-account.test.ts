import { describe, expect, it } from 'vitest';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { type LoginRecords, openAccount } from '../../../lib/logins/trial/host-account.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost, history } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };
const CREDENTIAL = {
  id: 'env:X',
  version: 'v1',
  username: 'root',
  proof: { kind: 'password', password: 'x' },
} as const;

function open(
  changes: Parameters<typeof batchHost>[1] = {},
  options: {
    scope?: 'host' | 'domain';
    records?: Partial<LoginRecords>;
    clock?: Clock;
    runId?: string;
    batch?: number;
  } = {},
) {
  const written: unknown[] = [];
  const note = (what: string, [user, address, login]: readonly unknown[]) => {
    written.push([what, user, address, what === 'close' ? (login as { id: string }).id : login]);
  };
  const records: LoginRecords = {
    beginAttempt: async (...rest) => {
      note('attempt', rest);
      return true;
    },
    closeAttempt: async (...rest) => note('close', rest),
    recordRefusal: async (...rest) => {
      note('refusal', rest);
      return history();
    },
    recordSuccess: async (...rest) => note('success', rest),
    readUnsettled: async () => createAddressMap([]),
    pin: async () => 'pinned',
    ...options.records,
  };
  const gate = { open: true };
  const errors: unknown[] = [];
  const account = openAccount(
    batchHost(1, changes),
    {
      runId: options.runId ?? 'run-1',
      target: 'vc1',
      batch: options.batch ?? 0,
      credential: CREDENTIAL,
      scope: options.scope ?? 'host',
      gate,
    },
    {
      clock: options.clock ?? systemClock,
      log: { ...silentLog, error: (...line) => void errors.push(line) },
      records,
      randomId: () => 'attempt-1',
    },
  );
  return { account, written, gate, errors };
}
const UNPROVEN_NEW = { proven: false, account: { refusals: 0 } };
const UNPROVEN = { proven: false, account: { refusals: 1 } };

describe('an account whose login was cut off by a stall of this process', () => {
  const mayBeRefused = async (
    scope: 'host' | 'domain',
    logins: readonly { host: number; runId: string }[],
  ) => {
    const store = createAccountStore({ table: createMemoryTable(), now: () => 0 });
    for (const { host, runId } of logins) {
      const address = `10.0.0.${host}`;
      const { account } = open({ address, proven: true }, { scope, runId, records: store });
      await account.begin(o);
      expect(await account.mayBeRefused()).toBe('presumed');
    }
    return { store, spent: await store.readAll('root', o) };
  };

  it('of a domain counts once a run, on however many hosts', async () => {
    const inOneRun = [1, 2, 3].map((host) => ({ host, runId: 'run-1' }));
    const { store, spent } = await mayBeRefused('domain', inOneRun);
    expect(spent.get(PRINCIPAL)).toMatchObject({ refusals: 1, refusedVersions: ['v1'] });
    const { account } = open(
      { proven: false, account: { refusals: 1 } },
      { scope: 'domain', runId: 'run-2', records: store },
    );
    await account.begin(o);
    await account.accepted();
    // Another one has to accept it, too.
    expect(await store.read('root', PRINCIPAL, o)).toMatchObject({ refusals: 1, provenVersion: 'v1' });
    const { account: second } = open(
      { proven: false, address: '10.0.0.2', account: { refusals: 1 } },
      { scope: 'domain', runId: 'run-2', records: store },
    );
    await second.begin(o);
    await second.accepted();
    expect(await store.read('root', PRINCIPAL, o)).toMatchObject({ refusals: 0, provenVersion: 'v1' });
  });

  it('of a domain counts in each run', async () => {
    const runs = ['run-1', 'run-2'].map((runId) => ({ host: 1, runId }));
    const { spent } = await mayBeRefused('domain', runs);
    expect(spent.get(PRINCIPAL)).toMatchObject({ refusals: 2 });
  });

  it('of a domain ends the attempt that is on record, and counts once', async () => {
    const store = createAccountStore({ table: createMemoryTable(), now: () => 0 });
    const { account } = open(UNPROVEN_NEW, { scope: 'domain', records: store });
    await account.begin(o);
    await account.mayBeRefused();
    const left = await store.read('root', PRINCIPAL, o);
    expect(left).toMatchObject({ refusals: 1 });
    expect(left?.openAttempt).toBeUndefined();
  });

  it('of a host counts each time', async () => {
    const { spent } = await mayBeRefused(
      'host',
      [1, 1, 2].map((host) => ({ host, runId: 'run-1' })),
    );
    expect([...spent.values()].map(({ refusals }) => refusals).toSorted()).toEqual([1, 2]);
  });
});

describe('an account whose login is over', () => {
  it.each(['notTried', 'accepted', 'refused', 'mayBeRefused'] as const)(
    'begins no attempt after %s',
    async (end) => {
      const { account, written } = open(UNPROVEN_NEW);
      await account[end]();
      expect(await account.begin(o)).toBe('over');
      expect(JSON.stringify(written)).not.toContain('"attempt"');
    },
  );

  it('closes an attempt only when its beginning has landed', async () => {
    const landed = Promise.withResolvers<boolean>();
    const { account, written } = open(UNPROVEN_NEW, { records: { beginAttempt: () => landed.promise } });
    const beginning = account.begin(o);
    const ending = account.notTried();
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual([]);
    landed.resolve(true);
    await ending;
    expect(await beginning).toBe('over');
    expect(written).toEqual([['close', 'root', '10.0.0.1', 'attempt-1']]);
  });
});

describe('openAccount', () => {
  it('records only a refusal of a proven host', async () => {
    const { account, written: ofAccepted } = open();
    expect(await account.begin(o)).toBe('begun');
    expect(await account.accepted()).toBe('accepted');
    expect(ofAccepted).toEqual([]);
    const { account: other, written } = open();
    expect(await other.refused()).toBe('refused');
    const ofFlight = 'run-1#vc1#0';
    expect(written).toEqual([['refusal', 'root', '10.0.0.1', { version: 'v1', ofFlight }]]);
  });

  it.each([
    ['an attempt is on record', UNPROVEN, 'host'],
    ['it is of a domain: the flight stands for other hosts too', {}, 'domain'],
  ] as const)('records a refusal of no flight where %s', async (_why, host, scope) => {
    const { account, written } = open(host, { scope });
    await account.begin(o);
    await account.refused();
    expect(written).toContainEqual(['refusal', 'root', '10.0.0.1', { version: 'v1' }]);
    expect(JSON.stringify(written)).not.toContain('ofFlight');
  });

  it('records an attempt on any other host, on what was seen of it, and its end', async () => {
    const seen = UNPROVEN.account;
    for (const [end, entry] of [
      ['accepted', ['success', 'root', '10.0.0.1', { version: 'v1', attempt: 'attempt-1', seen }]],
      ['refused', ['refusal', 'root', '10.0.0.1', { version: 'v1' }]],
      ['mayBeRefused', ['refusal', 'root', '10.0.0.1', { version: 'v1', presumed: true }]],
      ['notTried', ['close', 'root', '10.0.0.1', 'attempt-1']],
    ] as const) {
      const { account, written } = open(UNPROVEN);
      expect(await account.begin(o)).toBe('begun');
      await account[end]();
      // The first end counts: what comes behind it says nothing else.
      await account.refused();
      await account.notTried();
      expect(written).toEqual([
        ['attempt', 'root', '10.0.0.1', { id: 'attempt-1', version: 'v1', seen }],
        entry,
      ]);
    }
  });

  it.each(['accepted', 'refused', 'mayBeRefused', 'notTried'] as const)(
    'begins no second login once its end is known: %s',
    async (end) => {
      for (const changes of [{ proven: true }, UNPROVEN]) {
        const { account } = open(changes);
        expect(await account.begin(o)).toBe('begun');
        await account[end]();
        expect(await account.begin(o)).toBe('over');
      }
    },
  );

  it('closes no attempt that it did not begin', async () => {
    const { account, written } = open(UNPROVEN, { records: { beginAttempt: async () => false } });
    expect(await account.begin(o)).toEqual({
      skip: 'other-process',
      why: 'no login was tried, because another process is logging in with this account there; the next run tries again',
    });
    expect(await account.notTried()).toBeUndefined();
    expect(written).toEqual([]);
  });

  it('closes an attempt whose beginning may have been written without an answer', async () => {
    for (const answer of [
      Promise.reject(new Error('the answer was lost')),
      new Promise<never>(() => undefined),
    ]) {
      const table = createMemoryTable();
      const accounts = createAccountStore({ table, now: () => 0 });
      const { account, gate } = open(UNPROVEN_NEW, {
        records: {
          async beginAttempt(...attempt) {
            await accounts.beginAttempt(...attempt);
            return await answer;
          },
          closeAttempt: accounts.closeAttempt,
        },
      });
      const timeUp = new AbortController();
      const begun = expect(untilAborted(account.begin(timeUp), timeUp.signal)).rejects.toThrow();
      await new Promise(setImmediate);
      timeUp.abort(new Error('out of time'));
      await begun;
      expect(await account.notTried()).toBeUndefined();
      const left = await accounts.read('root', '10.0.0.1', o);
      expect(left).toMatchObject({ refusals: 0 });
      expect(left).not.toHaveProperty('openAttempt');
      expect(gate.open).toBe(true);
    }
  });

  it('says of an attempt whose end is lost as well that it stays open', async () => {
    const clock = createManualClock();
    const never = new Promise<never>(() => undefined);
    const closeAttempt: LoginRecords['closeAttempt'] = (_user, _address, { signal }) =>
      untilAborted(never, signal);
    const { account, gate, errors } = open(UNPROVEN, { clock, records: { closeAttempt } });
    await account.begin(o);
    const ended = account.notTried();
    clock.advance(5_000);
    expect(await ended).toBe('left-open');
    expect(gate.open).toBe(false);
    const { name } = batchHost(1);
    expect(errors).toEqual([
      [
        'a login could not be recorded; no further login is tried',
        { host: name, error: expect.stringContaining(`recording the login on ${name}`) },
      ],
    ]);
  });

  it('counts a refusal of the one account of a domain there, without a pause, and on its host, with one', async () => {
    const { account, written } = open(UNPROVEN, { scope: 'domain' });
    await account.begin(o);
    await account.refused();
    expect(written).toEqual([
      ['attempt', 'root', PRINCIPAL, { id: 'attempt-1', version: 'v1', seen: undefined, host: '10.0.0.1' }],
      ['refusal', 'root', '10.0.0.1', { version: 'v1' }],
      ['refusal', 'root', PRINCIPAL, { version: 'v1', presumed: true, host: '10.0.0.1' }],
    ]);
  });

  it('leaves a host that refuses with a pause, and its attempt for the account, where the process ends between the two', async () => {
    const accounts = createAccountStore({ table: createMemoryTable(), now: () => 7 });
    let writes = 0;
    const recordRefusal: LoginRecords['recordRefusal'] = async (...refusal) => {
      writes += 1;
      return writes > 1
        ? await new Promise<never>(() => undefined)
        : await accounts.recordRefusal(...refusal);
    };
    const clock = createManualClock();
    const records = { ...accounts, recordRefusal };
    const { account } = open(UNPROVEN_NEW, { scope: 'domain', records, clock });
    expect(await account.begin(o)).toBe('begun');
    void account.refused();
    while (writes < 2) await new Promise(setImmediate);
    const all = await accounts.readAll('root', o);
    expect(all.get('10.0.0.1')).toMatchObject({ refusals: 1, lastRefusalAt: 7 });
    expect(all.get(PRINCIPAL)).toMatchObject({ refusals: 0, openAttempt: { host: '10.0.0.1' } });
  });

  it('counts what hosts refuse that are asked side by side once a run on the one account, and on each of them', async () => {
    const records = createAccountStore({ table: createMemoryTable(), now: () => 7 });
    for (const address of ['10.0.0.1', '10.0.0.2']) {
      const { account } = open({ address, proven: true }, { scope: 'domain', records });
      await account.begin(o);
      expect(await account.refused()).toBe('refused');
    }
    const all = await records.readAll('root', o);
    expect(all.get(PRINCIPAL)).toMatchObject({ refusals: 1 });
    expect(all.get(PRINCIPAL)?.lastRefusalAt).toBeUndefined();
    for (const address of ['10.0.0.1', '10.0.0.2'])
      expect(all.get(address)).toMatchObject({ refusals: 1, lastRefusalAt: 7 });
  });

  it('holds no stall of this process against a host with the one account of a domain', async () => {
    const { account, written } = open({ proven: true }, { scope: 'domain' });
    await account.begin(o);
    await account.mayBeRefused();
    expect(written).toEqual([
      ['refusal', 'root', PRINCIPAL, { version: 'v1', presumed: true, flight: 'run-1' }],
    ]);
  });

  it('notes that a doubtful host accepted the one account of a domain, on the host too', async () => {
    const { account, written } = open({ proven: false, doubtful: 'stranger' }, { scope: 'domain' });
    await account.begin(o);
    await account.accepted();
    expect(written.slice(1)).toEqual([
      [
        'success',
        'root',
        PRINCIPAL,
        { version: 'v1', attempt: 'attempt-1', seen: { refusals: 0 }, host: '10.0.0.1' },
      ],
      ['success', 'root', '10.0.0.1', { version: 'v1' }],
    ]);
  });

  it('shuts the gate when an end cannot be written, and says so of a refusal', async () => {
    const down = () => Promise.reject(new Error('no table'));
    for (const [end, records, said] of [
      ['refused', { recordRefusal: down }, 'unrecorded'],
      ['mayBeRefused', { recordRefusal: down }, 'presumed-unrecorded'],
      ['accepted', { recordSuccess: down }, 'accepted'],
      ['notTried', { closeAttempt: down }, 'left-open'],
    ] as const) {
      const { account, gate } = open(UNPROVEN, { records });
      await account.begin(o);
      expect(await account[end]()).toBe(said);
      expect(gate.open).toBe(false);
    }
  });

  it('rejects when the attempt cannot be written', async () => {
    const down = () => Promise.reject(new Error('no table'));
    await expect(open(UNPROVEN, { records: { beginAttempt: down } }).account.begin(o)).rejects.toThrow();
  });
});
