import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createProcessMemory } from '../../../lib/logins/history/process-memory.ts';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createCredentialStateStore } from '../../../lib/state/stores/credential-states.ts';
import { createFlightStore } from '../../../lib/state/stores/flights.ts';
import { createHostListStore } from '../../../lib/state/stores/host-lists.ts';
import { createRunStore } from '../../../lib/state/stores/runs.ts';
import { createBreakableTable } from '../state/breakable-table.ts';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const o = { signal: new AbortController().signal };
const CREDENTIAL = { id: 'env:ESXI', version: 'v1' };
const FIRST = { addresses: ['esx01'] };
const ASK = { user: 'root', credential: CREDENTIAL };

/** One process and its table, which can be taken away. */
function start() {
  const { table, control } = createBreakableTable();
  const clock = { now: T0 };
  const deps = { table, now: () => clock.now };
  let ids = 0;
  const randomId = () => `id-${++ids}`;
  const state = {
    accounts: createAccountStore(deps),
    runs: createRunStore(deps),
    hostLists: createHostListStore({ values: createChunkedValues({ ...deps, randomId }) }),
    credentialStates: createCredentialStateStore(deps),
    flights: createFlightStore(deps),
  };
  const memory = createProcessMemory(state, deps);
  return { ...memory, others: state, clock, control };
}

/** A process that read all that a run reads, with a credential that was accepted. */
async function startKnowing() {
  const world = start();
  const { others, stores, learnKeys } = world;
  const accepted = { id: CREDENTIAL.id, provenVersion: 'v1', acceptedBy: 'esx01' };
  await others.credentialStates.replace(accepted, { state: { id: CREDENTIAL.id }, revision: 0 }, o);
  await others.accounts.recordSuccess('root', 'esx01', { version: 'v1' }, o);
  await stores.accounts.readSome('root', FIRST, o);
  learnKeys(new Map());
  const seen = await stores.credentialStates.read(CREDENTIAL.id, o);
  return { ...world, seen };
}

describe('recall', () => {
  it('has the accounts and the pinned keys that this process read, while the credential may be used', async () => {
    const { recall } = await startKnowing();
    const known = recall(ASK);
    expect(known?.accounts.get('esx01')).toMatchObject({ provenVersion: 'v1' });
    expect(known?.hostKeys.size).toBe(0);
  });

  it.each([
    ['another user', { ...ASK, user: 'sweeper' }],
    ['another credential', { ...ASK, credential: { ...CREDENTIAL, id: 'env:OTHER' } }],
    ['another version', { ...ASK, credential: { ...CREDENTIAL, version: 'v2' } }],
  ])('has nothing for %s', async (_what, ask) => {
    const { recall } = await startKnowing();
    expect(recall(ask)).toBeUndefined();
  });

  it('has nothing when one of the three was never read', async () => {
    const { stores, recall, others, learnKeys } = start();
    expect(recall(ASK)).toBeUndefined();
    await stores.accounts.readSome('root', FIRST, o);
    learnKeys(new Map());
    expect(recall(ASK)).toBeUndefined();
    const accepted = { id: CREDENTIAL.id, provenVersion: 'v1' };
    await others.credentialStates.replace(accepted, { state: { id: CREDENTIAL.id }, revision: 0 }, o);
    await stores.credentialStates.read(CREDENTIAL.id, o);
    expect(recall(ASK)).toBeDefined();
    const keyless = start();
    await keyless.stores.accounts.readSome('root', FIRST, o);
    await keyless.others.credentialStates.replace(accepted, { state: { id: CREDENTIAL.id }, revision: 0 }, o);
    await keyless.stores.credentialStates.read(CREDENTIAL.id, o);
    expect(keyless.recall(ASK)).toBeUndefined();
  });

  it('has nothing once this process suspended the credential, until the time for its next try', async () => {
    const { stores, seen, recall } = await startKnowing();
    const suspended = { version: 'v1', tries: 1, nextTryAt: T0 + 30 * MINUTE };
    await stores.credentialStates.replace({ ...seen.state, suspended }, seen, o);
    expect(recall(ASK)).toBeUndefined();
  });

  it('does not go by a suspension that could not be written, because another run was quicker', async () => {
    const { stores, others, seen, recall } = await startKnowing();
    await others.credentialStates.replace({ ...seen.state, acceptedBy: 'esx02' }, seen, o);
    const suspended = { version: 'v1', tries: 1, nextTryAt: T0 + 30 * MINUTE };
    expect(await stores.credentialStates.replace({ ...seen.state, suspended }, seen, o)).toBeUndefined();
    expect(recall(ASK)).toBeDefined();
  });
});

describe('keys', () => {
  it('are what a run found pinned last, and none of a host that has none any more', async () => {
    const { learnKeys, recall } = await startKnowing();
    const key = { type: 'ssh-rsa', blob: 'AAAA' };
    learnKeys(
      new Map([
        ['esx01:22', key],
        ['esx02:22', key],
      ]),
    );
    learnKeys(new Map([['esx01:22', undefined]]));
    expect([...(recall(ASK)?.hostKeys ?? [])]).toEqual([['esx02:22', key]]);
  });
});

describe('a batch on record', () => {
  it('is remembered of the sweep and the target that it was of, once it was written', async () => {
    const { stores, hasFlown, control } = start();
    const flight = { id: '1', batch: 0, user: 'root', version: 'v1', addresses: ['esx01'], unproven: [] };
    control.fails = 'unavailable';
    await expect(stores.flights.begin('services', 'vc01', flight, o)).rejects.toThrow('no table');
    expect(hasFlown('services', 'vc01')).toBe(false);
    control.fails = undefined;
    await stores.flights.begin('services', 'vc01', flight, o);
    expect(hasFlown('services', 'vc01')).toBe(true);
    expect(hasFlown('services', 'vc02')).toBe(false);
    expect(hasFlown('health', 'vc01')).toBe(false);
  });
});

describe('host lists', () => {
  const names = z.array(z.string());

  it('are read from memory while the table is away, as old as they are', async () => {
    const { stores, others, clock, control } = start();
    await others.hostLists.write('vc01', ['esx01'], o);
    await stores.hostLists.read('vc01', names, o);
    clock.now += MINUTE;
    control.fails = 'unavailable';
    expect(await stores.hostLists.read('vc01', names, o)).toEqual({ listedAt: T0, hosts: ['esx01'] });
    await expect(stores.hostLists.read('vc02', names, o)).rejects.toThrow('no table');
  });

  it('are remembered though they could not be written', async () => {
    const { stores, control, clock } = start();
    control.fails = 'unavailable';
    clock.now += MINUTE;
    await expect(stores.hostLists.write('vc01', ['esx02'], o)).rejects.toThrow('no table');
    expect(await stores.hostLists.read('vc01', names, o)).toEqual({
      listedAt: T0 + MINUTE,
      hosts: ['esx02'],
    });
  });

  it('are not read from memory when the table answers oddly, and never in another shape than was asked for', async () => {
    const { stores, control } = start();
    await stores.hostLists.write('vc01', ['esx02'], o);
    control.fails = 'malformed';
    await expect(stores.hostLists.read('vc01', names, o)).rejects.toThrow('no table');
    control.fails = 'unavailable';
    await expect(stores.hostLists.read('vc01', z.array(z.number()), o)).rejects.toThrow();
  });
});

describe('leases, while the table is away', () => {
  const lease = (holder: string, endsAt = T0 + MINUTE) => ({ holder, endsAt });
  const take = ({ stores }: ReturnType<typeof start>, holder: string, target = 'vc01') =>
    stores.runs.acquireLease('services', target, lease(holder), o);

  it.each([
    ['that was taken before', undefined],
    ['that could not be written', 'unavailable'],
  ] as const)('hold off a second run of this process by one %s', async (_what, before) => {
    const world = start();
    world.control.fails = before;
    await take(world, 'run-1').catch(() => undefined);
    world.control.fails = 'unavailable';
    expect(await take(world, 'run-2')).toEqual({ heldBy: 'run-1', endsAt: T0 + MINUTE });
  });

  it('hold off nobody else: not its holder, not another target, not after its end', async () => {
    const world = start();
    await take(world, 'run-1');
    world.control.fails = 'unavailable';
    await expect(take(world, 'run-1')).rejects.toThrow('no table');
    await expect(take(world, 'run-2', 'vc02')).rejects.toThrow('no table');
    world.clock.now += MINUTE;
    await expect(take(world, 'run-2')).rejects.toThrow('no table');
  });

  it('hold off nobody when the table answers oddly', async () => {
    const world = start();
    await take(world, 'run-1');
    world.control.fails = 'malformed';
    await expect(take(world, 'run-2')).rejects.toThrow('no table');
  });

  it('are given back by their holder only', async () => {
    const world = start();
    await take(world, 'run-1');
    world.control.fails = 'unavailable';
    const giveBack = (holder: string) =>
      world.stores.runs.releaseLease('services', 'vc01', holder, o).catch(() => undefined);
    await giveBack('run-2');
    expect(await take(world, 'run-2')).toMatchObject({ heldBy: 'run-1' });
    await giveBack('run-1');
    await expect(take(world, 'run-2')).rejects.toThrow('no table');
  });

  it("are not this process's where the table gave it to another one", async () => {
    const world = start();
    await world.others.runs.acquireLease('services', 'vc01', lease('elsewhere'), o);
    expect(await take(world, 'run-1')).toMatchObject({ heldBy: 'elsewhere' });
    world.control.fails = 'unavailable';
    await expect(take(world, 'run-2')).rejects.toThrow('no table');
  });
});
