import { describe, expect, it } from 'vitest';
import { countFlightsBeside } from '../../../lib/logins/trial/flights-beside.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { malformedItem } from '../../../lib/state/item.ts';
import { createState } from '../../../lib/state/state.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const MINUTE = 60_000;
const of = { sweeps: ['checks'], target: 'vc1' };

async function start(holder: string | undefined) {
  const clock = createManualClock();
  const state = createState({ table: createMemoryTable(), clock });
  const endsAt = clock.now() + 10 * MINUTE;
  if (holder !== undefined) await state.runs.acquireLease('checks', 'vc1', { holder, endsAt }, o);
  const flight = { id: 'run-1#vc1#0', batch: 0, user: 'root', version: 'v1', endsAt };
  const hosts = { addresses: ['esx1'], unproven: ['esx2'] };
  await state.flights.begin('checks', 'vc1', { ...flight, ...hosts }, o);
  const count = (changes: Partial<typeof state> = {}) =>
    countFlightsBeside(of, { ...state, ...changes, clock, log: silentLog }, o);
  const refusals = async () => (await state.accounts.read('root', 'esx1', o))?.refusals ?? 0;
  const left = async () =>
    (await state.flights.readAll('checks', 'vc1', { ...o, onMalformed: () => undefined })).length;
  return { clock, state, count, refusals, left };
}

describe('flights of other sweeps', () => {
  it('count for nothing while the lease of their run lasts, and their hosts are named', async () => {
    const { count, refusals, left } = await start('run-1');
    expect(await count()).toEqual({ lost: 0, asked: new Set(['esx1', 'esx2']) });
    expect({ refusals: await refusals(), left: await left() }).toEqual({ refusals: 0, left: 1 });
  });

  it.each([
    ['was given back', undefined],
    ['is that of a newer run', 'run-2'],
  ])('are lost when the lease of their run %s', async (_when, holder) => {
    const { count, refusals, left } = await start(holder);
    expect(await count()).toEqual({ lost: 1, asked: new Set() });
    expect({ refusals: await refusals(), left: await left() }).toEqual({ refusals: 1, left: 0 });
  });

  it('are lost when the lease of their run has ended', async () => {
    const { clock, count } = await start('run-1');
    clock.advance(10 * MINUTE);
    expect(await count()).toEqual({ lost: 1, asked: new Set() });
  });

  it('are lost when a clock that was ahead by a year wrote the lease of their run', async () => {
    const { clock, state, count } = await start('run-1');
    const endsAt = clock.now() + 365 * 24 * 60 * MINUTE;
    await state.runs.confirmLease('checks', 'vc1', 'run-1', { ...o, endsAt });
    expect(await count()).toEqual({ lost: 1, asked: new Set() });
  });

  it('that nobody can read shut all hosts out, once the others are counted', async () => {
    const { state, count, refusals } = await start(undefined);
    const error = malformedItem({ pk: 'run#checks#vc1', sk: 'flight#odd' }, 'batch: not a number');
    const readAll: typeof state.flights.readAll = (sweep, target, options) => {
      options.onMalformed?.('flight#odd', error);
      return state.flights.readAll(sweep, target, options);
    };
    await expect(count({ flights: { ...state.flights, readAll } })).rejects.toThrow('batch: not a number');
    expect(await refusals()).toBe(1);
  });

  it('that were struck off, with the lease given back, while they were looked at are not lost', async () => {
    const { state, count, refusals } = await start('run-1');
    const readLease: typeof state.runs.readLease = async () => {
      await state.flights.end('checks', 'vc1', ['run-1#vc1#0'], o);
      return undefined;
    };
    expect(await count({ runs: { ...state.runs, readLease } })).toEqual({ lost: 0, asked: new Set() });
    expect(await refusals()).toBe(0);
  });

  it('shut all hosts out when nobody knows of the lease of their run', async () => {
    const { state, count, refusals } = await start('run-1');
    const readLease = () => Promise.reject(new Error('no table'));
    await expect(count({ runs: { ...state.runs, readLease } })).rejects.toThrow('no table');
    expect(await refusals()).toBe(0);
  });

  it('cost no question for the lease of a sweep that has none', async () => {
    const { state, clock } = await start(undefined);
    const readLease = () => Promise.reject(new Error('asked for a lease'));
    const deps = { ...state, runs: { ...state.runs, readLease }, clock, log: silentLog };
    const none = { sweeps: ['other'], target: 'vc1' };
    expect(await countFlightsBeside(none, deps, o)).toEqual({ lost: 0, asked: new Set() });
  });
});
