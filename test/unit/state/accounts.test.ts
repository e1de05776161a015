import { describe, expect, it } from 'vitest';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const T0 = Date.UTC(2026, 0, 1);

function start() {
  const accounts = createAccountStore({ table: createMemoryTable(), now: () => T0 });
  const begin = (id: string) =>
    accounts.beginAttempt('root', 'esx01', { id, version: 'v1', seen: undefined }, o);
  return { accounts, begin, read: () => accounts.read('root', 'esx01', o) };
}

describe('a login that was accepted', () => {
  it('leaves the attempt of another one open', async () => {
    const { accounts, begin, read } = start();
    await begin('another');
    await accounts.recordSuccess('root', 'esx01', { version: 'v1' }, o);
    expect(await read()).toMatchObject({ openAttempt: { id: 'another' }, provenVersion: 'v1' });
    await accounts.recordSuccess('root', 'esx01', { version: 'v1', attempt: 'mine' }, o);
    expect(await read()).toMatchObject({ openAttempt: { id: 'another' } });
  });

  it('leaves a refusal that was counted since it began, and closes its own attempt', async () => {
    const { accounts, begin, read } = start();
    await begin('mine');
    const lost = { version: 'v1', presumed: true, flight: 'run-1#0' };
    await accounts.recordRefusal('root', 'esx01', lost, o);
    await accounts.recordSuccess(
      'root',
      'esx01',
      { version: 'v1', attempt: 'mine', seen: { refusals: 0 } },
      o,
    );
    expect(await read()).toMatchObject({ refusals: 1, provenVersion: 'v1' });
    expect(await read()).not.toHaveProperty('openAttempt');
  });
});

describe('an attempt that is closed', () => {
  it('leaves nothing to read of its account once that is accepted', async () => {
    const { accounts, begin } = start();
    await begin('mine');
    await accounts.closeAttempt('root', 'esx01', { ...o, id: 'mine' });
    await accounts.recordSuccess('root', 'esx01', { version: 'v1' }, o);
    expect([...(await accounts.readUnsettled('root', o)).keys()]).toEqual([]);
  });
});
