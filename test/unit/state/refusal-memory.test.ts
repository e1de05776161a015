import { describe, expect, it } from 'vitest';
import type { AccountHistory } from '../../../lib/lockout/account-history.ts';
import type { AccountStore } from '../../../lib/state/accounts.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { withRefusalMemory } from '../../../lib/state/refusal-memory.ts';

const o = { signal: new AbortController().signal };
const V1 = { version: 'v1' };

/** A store that counts refusals, and that takes a write when the test lets it. */
function startStore() {
  const refusals = new Map<string, number>();
  const store = {
    writable: true,
    slow: undefined as Promise<void> | undefined,
    slowSuccess: undefined as Promise<void> | undefined,
  };
  const historyOf = (address: string): AccountHistory | undefined =>
    refusals.has(address)
      ? { user: 'root', address, refusals: refusals.get(address) ?? 0, refusedVersions: ['v1'] }
      : undefined;
  const accounts: AccountStore = {
    read: async (_user, address) => historyOf(address),
    readAll: async () =>
      createAddressMap([...refusals.keys()].map((one) => [one, historyOf(one) as AccountHistory])),
    async recordRefusal(_user, address) {
      await store.slow;
      if (!store.writable) throw new Error('disk full');
      refusals.set(address, (refusals.get(address) ?? 0) + 1);
      return historyOf(address) as AccountHistory;
    },
    async recordSuccess(_user, address) {
      await store.slowSuccess;
      refusals.delete(address);
    },
    list: async () => [],
    lift: async () => 0,
  };
  return { store, refusals, accounts: withRefusalMemory(accounts, () => 1_000) };
}

describe('withRefusalMemory', () => {
  it('counts every refusal that the table did not take, also a second one of the same account', async () => {
    const { store, accounts } = startStore();
    store.writable = false;
    await expect(accounts.recordRefusal('root', 'esx1', V1, o)).rejects.toThrow('disk full');
    expect(await accounts.read('root', 'esx1', o)).toMatchObject({ refusals: 1, lastRefusalAt: 1_000 });
    await expect(accounts.recordRefusal('ROOT', 'ESX1.', V1, o)).rejects.toThrow('disk full');
    expect(await accounts.read('root', 'esx1', o)).toMatchObject({ refusals: 2 });
    expect((await accounts.readAll('root', o)).get('esx1')).toMatchObject({ refusals: 2 });
    expect(await accounts.read('root', 'esx2', o)).toBeUndefined();
  });

  it('writes each of them once when the table takes them again, however many read at the same time', async () => {
    const { store, accounts, refusals } = startStore();
    store.writable = false;
    for (const address of ['esx1', 'esx1', 'esx2'])
      await accounts.recordRefusal('root', address, V1, o).catch(() => undefined);
    store.writable = true;
    const [read, all] = await Promise.all([accounts.read('root', 'esx1', o), accounts.readAll('root', o)]);
    expect(read).toMatchObject({ refusals: 2 });
    expect(all.get('esx2')).toMatchObject({ refusals: 1 });
    expect(Object.fromEntries(refusals)).toEqual({ esx1: 2, esx2: 1 });
  });

  it('counts a refusal once when somebody reads while it is being written', async () => {
    const { store, accounts, refusals } = startStore();
    const gate = Promise.withResolvers<void>();
    store.slow = gate.promise;
    const writing = accounts.recordRefusal('root', 'esx1', V1, o);
    const reading = accounts.readAll('root', o);
    gate.resolve();
    await Promise.all([writing, reading]);
    expect(refusals.get('esx1')).toBe(1);
  });

  it('forgets with a success what was pending', async () => {
    const { store, accounts } = startStore();
    store.writable = false;
    await accounts.recordRefusal('root', 'esx1', V1, o).catch(() => undefined);
    await accounts.recordSuccess('root', 'esx1', V1, o);
    expect(await accounts.read('root', 'esx1', o)).toBeUndefined();
  });

  it('keeps a refusal that came while the success was being written', async () => {
    const { store, accounts } = startStore();
    const gate = Promise.withResolvers<void>();
    store.slowSuccess = gate.promise;
    const success = accounts.recordSuccess('root', 'esx1', V1, o);
    store.writable = false;
    await accounts.recordRefusal('root', 'esx1', V1, o).catch(() => undefined);
    gate.resolve();
    await success;
    expect(await accounts.read('root', 'esx1', o)).toMatchObject({ refusals: 1 });
  });

  it('lets nobody wait beyond his own time for what another one writes', async () => {
    const { store, accounts } = startStore();
    store.writable = false;
    await accounts.recordRefusal('root', 'esx1', V1, o).catch(() => undefined);
    store.writable = true;
    const gate = Promise.withResolvers<void>();
    store.slow = gate.promise;
    const patient = accounts.read('root', 'esx1', o);
    const impatient = new AbortController();
    const read = accounts.read('root', 'esx1', impatient);
    impatient.abort(new Error('out of time'));
    await expect(read).rejects.toThrow('out of time');
    gate.resolve();
    expect(await patient).toMatchObject({ refusals: 1 });
  });
});
