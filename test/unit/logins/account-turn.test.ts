import { describe, expect, it } from 'vitest';
import { UNSETTLED } from '../../../lib/logins/rules/left-alone.ts';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { type SeenAccount, UNKNOWN_ACCOUNT } from '../../../lib/logins/rules/seen-account.ts';
import { openAccount } from '../../../lib/logins/trial/host-account.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost, T0 } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };
const SECOND = 1_000;

/** The account in a table, and a clock on which `happens` at its second. */
function start(happens: Readonly<Record<number, () => Promise<unknown>>> = {}) {
  let now = T0;
  const table = createMemoryTable();
  const records = createAccountStore({ table, now: () => now });
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: async (ms: number) => {
      now += ms;
      await happens[(now - T0) / SECOND]?.();
    },
  };
  const credential = {
    id: 'env:X',
    version: 'v1',
    username: 'vsweep',
    proof: { kind: 'password', password: 'x' },
  } as const;
  const run = {
    runId: 'run-1',
    target: 'vc1',
    batch: 0,
    credential,
    scope: 'domain',
    gate: { open: true },
  } as const;
  const deps = {
    clock: { ...createManualClock(), ...clock },
    log: silentLog,
    records: { ...records, pin: async () => 'pinned' as const },
    randomId: () => 'mine',
  };
  const take = (account: SeenAccount = UNKNOWN_ACCOUNT) =>
    openAccount(batchHost(1, { proven: false, doubtful: 'stranger', account }), run, deps).begin(o);
  const other = { id: 'other', version: 'v1', seen: { refusals: 0 } };
  return { take, table, records, other, now: () => now };
}

describe("a turn with a domain's account", () => {
  it('puts an attempt on record, by what stands of the account then', async () => {
    const { take, records } = start();
    await records.recordRefusal('vsweep', '10.0.0.9', { version: 'v1' }, o);
    expect(await take()).toBe('begun');
    expect(await records.read('vsweep', PRINCIPAL, o)).toMatchObject({ openAttempt: { id: 'mine' } });
  });

  it('waits for the login of another process, and takes the turn when that was accepted', async () => {
    const world: { end?: () => Promise<unknown> } = {};
    const { take, records, other, now } = start({ 3: async () => await world.end?.() });
    const accepted = { version: 'v1', attempt: 'other', seen: { refusals: 0 } };
    world.end = () => records.recordSuccess('vsweep', PRINCIPAL, accepted, o);
    await records.beginAttempt('vsweep', PRINCIPAL, other, o);
    expect(await take()).toBe('begun');
    expect(now()).toBe(T0 + 3 * SECOND);
  });

  it('comes while no more stands of the account than was seen when it was given', async () => {
    const { take, records } = start();
    await records.recordRefusal('vsweep', PRINCIPAL, { version: 'v1' }, o);
    expect(await take({ refusals: 1 })).toBe('begun');
    expect(await records.read('vsweep', PRINCIPAL, o)).toMatchObject({
      refusals: 1,
      openAttempt: { id: 'mine', host: '10.0.0.1' },
    });
  });

  it('is given up after 10 s of the logins of others, which says nothing of the account', async () => {
    const { take, table, other, now } = start();
    const ahead = createAccountStore({ table, now: () => T0 + 30 * SECOND });
    await ahead.beginAttempt('vsweep', PRINCIPAL, other, o);
    expect(await take()).toMatchObject({ skip: 'other-process' });
    expect(now()).toBe(T0 + 10 * SECOND);
  });

  it('does not come after a refusal, whoever saw it, nor after an attempt that nobody ended', async () => {
    const world: { end?: () => Promise<unknown> } = {};
    const refused = start({ 1: async () => await world.end?.() });
    world.end = () =>
      refused.records.recordRefusal('vsweep', PRINCIPAL, { version: 'v1', presumed: true }, o);
    await refused.records.beginAttempt('vsweep', PRINCIPAL, refused.other, o);
    expect(await refused.take()).toEqual({
      skip: 'allowance',
      why: expect.stringMatching(/another host refused the account.*wait until two others accept it/),
    });
    expect(refused.now()).toBe(T0 + SECOND);

    const lost = start();
    await lost.records.beginAttempt('vsweep', PRINCIPAL, lost.other, o);
    expect(await lost.take()).toBe(UNSETTLED);
    expect(lost.now()).toBe(T0 + 10 * SECOND);
    expect(await lost.records.read('vsweep', PRINCIPAL, o)).toMatchObject({ openAttempt: { id: 'other' } });
  });
});
