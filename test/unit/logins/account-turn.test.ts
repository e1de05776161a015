import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { takeAccountTurn, takePlace } from '../../../lib/logins/trial/account-turn.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createMemoryTable } from '../../integration/logins/memory-table.ts';
import { T0 } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };
const SECOND = 1_000;

/** The account in a table, and a clock on which `happens` at its second. */
function start(happens: Readonly<Record<number, () => Promise<unknown>>> = {}) {
  let now = T0;
  const records = createAccountStore({ table: createMemoryTable(), now: () => now });
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: async (ms: number) => {
      now += ms;
      await happens[(now - T0) / SECOND]?.();
    },
  };
  const take = (id = 'mine') => takeAccountTurn({ user: 'vsweep', id, version: 'v1' }, { clock, records }, o);
  const other = { id: 'other', version: 'v1', seen: { refusals: 0 } };
  return { take, records, other, now: () => now };
}

describe("a turn with a domain's account", () => {
  it('puts an attempt on record, by what stands of the account then', async () => {
    const { take, records } = start();
    await records.recordRefusal('vsweep', '10.0.0.9', { version: 'v1' }, o);
    expect(await take()).toEqual({ seen: { refusals: 0 } });
    expect(await records.read('vsweep', PRINCIPAL, o)).toMatchObject({ openAttempt: { id: 'mine' } });
  });

  it('waits for the login of another process, and takes the turn when that was accepted', async () => {
    const world: { end?: () => Promise<unknown> } = {};
    const { take, records, other, now } = start({ 3: async () => await world.end?.() });
    const accepted = { version: 'v1', attempt: 'other', seen: { refusals: 0 } };
    world.end = () => records.recordSuccess('vsweep', PRINCIPAL, accepted, o);
    await records.beginAttempt('vsweep', PRINCIPAL, other, o);
    expect(await take()).toEqual({ seen: { refusals: 0 } });
    expect(now()).toBe(T0 + 3 * SECOND);
  });

  it('does not come after a refusal, whoever saw it, nor after an attempt that nobody ended', async () => {
    const world: { end?: () => Promise<unknown> } = {};
    const refused = start({ 1: async () => await world.end?.() });
    world.end = () =>
      refused.records.recordRefusal('vsweep', PRINCIPAL, { version: 'v1', presumed: true }, o);
    await refused.records.beginAttempt('vsweep', PRINCIPAL, refused.other, o);
    expect(await refused.take()).toBe('unsettled');
    expect(refused.now()).toBe(T0 + SECOND);

    const lost = start();
    await lost.records.beginAttempt('vsweep', PRINCIPAL, lost.other, o);
    expect(await lost.take()).toBe('taken');
    expect(await lost.take()).toBe('unsettled');
    expect(await lost.records.read('vsweep', PRINCIPAL, o)).toMatchObject({ openAttempt: { id: 'other' } });
  });
});

describe('a place of a limit', () => {
  it('is given to one at a time, and passes by who does not wait any more', async () => {
    const limit = pLimit(1);
    const giveBack = await takePlace(limit, o);
    const late = new AbortController();
    const impatient = takePlace(limit, late);
    let came = false;
    const patient = takePlace(limit, o).then((end) => {
      came = true;
      return end;
    });
    late.abort(new Error('late'));
    await expect(impatient).rejects.toThrow('late');
    expect(came).toBe(false);
    giveBack();
    (await patient)();
    await (await takePlace(limit, o))();
  });
});
