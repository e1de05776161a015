import { describe, expect, it } from 'vitest';
import type { AskedBatch, LoginEnd } from '../../../lib/logins/asked-batch.ts';
import { createAccountMemory } from '../../../lib/logins/history/account-memory.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createBreakableTable } from '../state/breakable-table.ts';
import { batchHost } from '../sweep/builders.ts';

const T0 = Date.UTC(2026, 0, 1);
const o = { signal: new AbortController().signal };
const V1 = { version: 'v1' };

/** The memory of one process over a table that others write to as well. */
function start() {
  const { table, control } = createBreakableTable();
  const clock = { now: T0 };
  const deps = { table, now: () => clock.now };
  const others = createAccountStore(deps);
  const memory = createAccountMemory(createAccountStore(deps), deps);
  const away = () => {
    control.fails = 'unavailable';
  };
  const back = () => {
    control.fails = undefined;
  };
  return { ...memory, others, clock, control, away, back };
}

const ROOT = { username: 'root', scope: 'host', ...V1 } as const;

/** A batch of esx01, with how its logins ended. */
function seen(...ends: readonly (LoginEnd | 'lost')[]): AskedBatch {
  const hosts = [batchHost(1, { address: 'esx01' })];
  const logins = ends.flatMap((end) => (end === 'lost' ? [] : [['host-1', end] as const]));
  return {
    batch: 0,
    hosts,
    started: true,
    result: ends.includes('lost')
      ? { status: 'rejected', reason: new Error('crashed') }
      : { status: 'fulfilled', value: { logins } },
  };
}

/** An account that this process saw accepted. */
async function startProven() {
  const world = start();
  await world.accounts.recordSuccess('Root', 'ESX01', V1, o);
  await world.accounts.read('root', 'esx01', o);
  return world;
}

const FIRST = { addresses: ['esx01'] };
const begin = { id: 'a', version: 'v1', seen: undefined };

describe('while the table is away, an account that was seen proven', () => {
  it.each(['unavailable', 'refused'] as const)(
    'is read from memory (%s), however it is written',
    async (code) => {
      const { accounts, control } = await startProven();
      control.fails = code;
      expect(await accounts.read('ROOT', 'esx01.', o)).toMatchObject({ provenVersion: 'v1', refusals: 0 });
    },
  );

  it('is not read from memory when the table answers what vsweep does not write', async () => {
    const { accounts, control } = await startProven();
    control.fails = 'malformed';
    await expect(accounts.read('root', 'esx01', o)).rejects.toThrow('no table');
    await expect(accounts.beginAttempt('root', 'esx01', begin, o)).rejects.toThrow('no table');
  });

  it('has its attempts in memory, one at a time', async () => {
    const { accounts, away } = await startProven();
    away();
    expect(await accounts.beginAttempt('root', 'esx01', begin, o)).toBe(true);
    await expect(accounts.read('root', 'esx01', o)).rejects.toThrow('no table');
    await expect(accounts.beginAttempt('root', 'esx01', begin, o)).rejects.toThrow('no table');
    await accounts.closeAttempt('root', 'esx01', { ...o, id: 'a' });
    expect(await accounts.read('root', 'esx01', o)).toMatchObject({ provenVersion: 'v1' });
    await accounts.beginAttempt('root', 'esx01', begin, o);
    await accounts.recordSuccess('root', 'esx01', V1, o);
    expect(await accounts.read('root', 'esx01', o)).toMatchObject({ provenVersion: 'v1' });
  });

  it('keeps when its far side could not decide', async () => {
    const { accounts, away } = await startProven();
    away();
    await accounts.beginAttempt('root', 'esx01', begin, o);
    await accounts.closeAttempt('root', 'esx01', { ...o, id: 'a', undecidedAt: [T0] });
    expect(await accounts.read('root', 'esx01', o)).toMatchObject({ undecidedAt: [T0] });
  });

  it('is not tried in another version than the proven one', async () => {
    const { accounts, away } = await startProven();
    away();
    await expect(accounts.beginAttempt('root', 'esx01', { ...begin, version: 'v2' }, o)).rejects.toThrow(
      'no table',
    );
  });

  it('is not ended in silence where the attempt is in the table, or the table answers oddly', async () => {
    const { accounts, away, control } = await startProven();
    away();
    await expect(accounts.closeAttempt('root', 'esx01', { ...o, id: 'a' })).rejects.toThrow('no table');
    await expect(accounts.recordSuccess('root', 'esx01', V1, o)).rejects.toThrow('no table');
    await accounts.beginAttempt('root', 'esx01', begin, o);
    control.fails = 'malformed';
    await expect(accounts.closeAttempt('root', 'esx01', { ...o, id: 'a' })).rejects.toThrow('no table');
  });
});

describe('while the table is away, an account', () => {
  it('that was never seen, never proven or refused since is not read from memory', async () => {
    const { accounts, away } = await startProven();
    await accounts.recordSuccess('root', 'esx02', V1, o);
    await accounts.recordRefusal('root', 'esx02', V1, o);
    await accounts.read('root', 'esx03', o);
    away();
    for (const address of ['esx02', 'esx03', 'esx04'])
      await expect(accounts.read('root', address, o)).rejects.toThrow('no table');
  });
});

describe('a success that was written', () => {
  it('is known in this process, and forgets what was refused before', async () => {
    const { accounts, recall } = await startProven();
    await accounts.recordRefusal('root', 'esx01', V1, o);
    await accounts.recordSuccess('root', 'esx01', { version: 'v2', seen: { refusals: 1 } }, o);
    expect(recall('root')?.get('esx01')).toMatchObject({ refusals: 0, provenVersion: 'v2' });
  });

  it('of an account that hosts have in common leaves what was refused, and proves it where nothing was', async () => {
    const { accounts, recall } = start();
    await accounts.recordRefusal('root', '*', { ...V1, host: 'esx02' }, o);
    await accounts.recordSuccess('root', '*', { ...V1, host: 'esx01', seen: { refusals: 1 } }, o);
    expect(recall('root')?.get('*')).toMatchObject({ refusals: 1 });
    await accounts.recordSuccess('root', '*', { ...V1, host: 'esx01', seen: { refusals: 0 } }, o);
    expect(recall('root')?.get('*')).toMatchObject({ refusals: 0, provenVersion: 'v1' });
  });
});

describe('a refusal that could not be written', () => {
  it('counts at once in this process, and is written before anything is read again', async () => {
    const { accounts, others, recall, away, back, clock } = await startProven();
    away();
    clock.now += 1_000;
    await expect(accounts.recordRefusal('root', 'esx01', V1, o)).rejects.toThrow('no table');
    expect(recall('ROOT')?.get('esx01')).toMatchObject({
      refusals: 1,
      refusedVersions: ['v1'],
      lastRefusalAt: T0 + 1_000,
    });
    await expect(accounts.read('root', 'esx01', o)).rejects.toThrow('no table');
    back();
    expect(await others.read('root', 'esx01', o)).toMatchObject({ refusals: 0 });
    await Promise.all([accounts.read('root', 'esx01', o), accounts.readSome('root', FIRST, o)]);
    expect(await others.read('root', 'esx01', o)).toMatchObject({ refusals: 1, refusedVersions: ['v1'] });
  });

  it.each(['read', 'readSome'] as const)('is written before %s answers, which knows of it', async (what) => {
    const { accounts, others, away, back } = await startProven();
    away();
    await expect(accounts.recordRefusal('root', 'esx01', V1, o)).rejects.toThrow('no table');
    back();
    const known =
      what === 'read'
        ? await accounts.read('root', 'esx01', o)
        : (await accounts.readSome('root', { addresses: ['esx01'] }, o)).get('esx01');
    expect(known).toMatchObject({ refusals: 1 });
    expect(await others.read('root', 'esx01', o)).toMatchObject({ refusals: 1 });
  });

  it('keeps the flight it belongs to, so that it counts once', async () => {
    const { accounts, others, away, back } = await startProven();
    const login = { ...V1, presumed: true, flight: 'run-1#0' };
    away();
    await expect(accounts.recordRefusal('root', 'esx01', login, o)).rejects.toThrow('no table');
    back();
    await accounts.read('root', 'esx01', o);
    await others.recordRefusal('root', 'esx01', login, o);
    expect(await others.read('root', 'esx01', o)).toMatchObject({ refusals: 1 });
  });
});

describe('closeAttempt', () => {
  it('learns nothing of an account that this process never read', async () => {
    const { accounts, recall } = start();
    await accounts.closeAttempt('root', 'esx01', { ...o, id: 'a' });
    expect(recall('root')).toBeUndefined();
  });
});

describe('an account that hosts have in common', () => {
  it('is used no more while the table is away, once a refusal may stand that one host alone accepted after', async () => {
    for (const [refusals, isUsed] of [
      [0, true],
      [1, false],
    ] as const) {
      const { accounts, away, others } = start();
      await others.recordSuccess('svc', '*', V1, o);
      if (refusals > 0) await others.recordRefusal('svc', '*', { ...V1, host: 'esx01' }, o);
      const seen = await accounts.read('svc', '*', o);
      await accounts.beginAttempt('svc', '*', { ...V1, id: 'a', seen, host: 'vc01' }, o);
      await accounts.recordSuccess('svc', '*', { ...V1, attempt: 'a', seen: { refusals }, host: 'vc01' }, o);
      away();
      const reading = accounts.read('svc', '*', o);
      if (isUsed) expect(await reading).toMatchObject({ refusals: 0, provenVersion: 'v1' });
      else await expect(reading).rejects.toThrow();
    }
  });
});

describe('readSome', () => {
  it('remembers what it read in place of what was known, and nothing of users that were never read', async () => {
    const { accounts, others, recall } = await startProven();
    expect(recall('sweeper')).toBeUndefined();
    await accounts.recordRefusal('root', 'esx02', V1, o);
    await others.lift('root', 'esx02', o);
    await others.recordSuccess('root', 'esx03', V1, o);
    await accounts.readSome('root', { addresses: ['esx02', 'ESX03'] }, o);
    const known = recall('ROOT');
    expect(known?.get('esx02')?.refusals ?? 0).toBe(0);
    expect(known?.get('ESX03')).toMatchObject({ provenVersion: 'v1' });
  });

  it('does not forget what was learned while its answer was under way', async () => {
    const { accounts, recall, note, control } = await startProven();
    const answer = Promise.withResolvers<void>();
    control.held = answer.promise;
    const reading = accounts.readSome('root', FIRST, o);
    await new Promise((resolve) => setImmediate(resolve));
    note(seen('refused'), ROOT, { owed: false });
    answer.resolve();
    await reading;
    expect(recall('root')?.get('esx01')).toMatchObject({ refusals: 1 });
  });
});

describe('note', () => {
  const noted = async (end: LoginEnd | 'lost', owed: boolean) => {
    const world = await startProven();
    world.clock.now += 1_000;
    world.note(seen(end), ROOT, { owed });
    const remembered = world.recall('root')?.get('esx01');
    await world.accounts.readSome('root', FIRST, o);
    return { remembered, written: await world.others.read('root', 'esx01', o) };
  };

  it('counts what was not accepted, in this process', async () => {
    for (const end of ['refused', 'unrecorded', 'lost'] as const)
      expect((await noted(end, false)).remembered).toMatchObject({ refusals: 1, refusedVersions: ['v1'] });
  });

  it('takes an acceptance for the end of all refusals', async () => {
    const { recall, note } = await startProven();
    note(seen('refused', 'accepted'), ROOT, { owed: false });
    note(seen('accepted'), { ...ROOT, version: 'v2' }, { owed: false });
    expect(recall('root')?.get('esx01')).toMatchObject({
      refusals: 0,
      refusedVersions: [],
      provenVersion: 'v2',
    });
  });

  it('forgets with an acceptance that the host was dialled with care and what was lost with it', async () => {
    const { accounts, others, recall, note } = await startProven();
    await others.beginDial('root', 'esx01', { until: T0 }, o);
    await others.recordLost('root', 'esx01', { flight: 'run-1#0' }, o);
    await accounts.read('root', 'esx01', o);
    expect(recall('root')?.get('esx01')).toMatchObject({ dialling: { until: T0 }, lostFlights: ['run-1#0'] });
    note(seen('accepted'), ROOT, { owed: false });
    const known = recall('root')?.get('esx01');
    expect(known).not.toHaveProperty('dialling');
    expect(known).not.toHaveProperty('lostFlights');
  });

  it('counts the first refusal of an account that this process knew nothing of', () => {
    const { recall, note } = start();
    note(seen('refused'), ROOT, { owed: false });
    expect(recall('root')?.get('esx01')).toEqual({
      user: 'root',
      address: 'esx01',
      refusals: 1,
      refusedVersions: ['v1'],
      lastRefusalAt: T0,
    });
  });

  it('writes later what is owed and nobody wrote: a lost one without a time, one that was seen with it', async () => {
    expect((await noted('lost', true)).written).toMatchObject({ refusals: 1, refusedVersions: ['v1'] });
    expect((await noted('lost', true)).written?.lastRefusalAt ?? 0).toBe(0);
    expect((await noted('unrecorded', true)).written).toMatchObject({
      refusals: 1,
      lastRefusalAt: T0 + 1_000,
    });
  });

  it('writes nothing that is not owed, or that the worker wrote', async () => {
    expect((await noted('refused', true)).written).toMatchObject({ refusals: 0 });
    expect((await noted('presumed', true)).written).toMatchObject({ refusals: 0 });
    expect((await noted('lost', false)).written).toMatchObject({ refusals: 0 });
  });

  it('does not take an account that hosts have in common for accepted, because one of them accepted it', async () => {
    const { accounts, others, note, away } = start();
    await others.recordSuccess('svc', '*', V1, o);
    await others.recordRefusal('svc', '*', { ...V1, host: 'esx02' }, o);
    await accounts.read('svc', '*', o);
    note(seen('accepted'), { username: 'CORP\\svc', scope: 'domain', ...V1 }, { owed: false });
    away();
    await expect(accounts.read('svc', '*', o)).rejects.toThrow('no table');
  });
});
