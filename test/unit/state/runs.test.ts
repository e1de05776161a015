import { describe, expect, it } from 'vitest';
import { packJson } from '../../../lib/state/packed-json.ts';
import { createFlightStore } from '../../../lib/state/stores/flights.ts';
import { createRunStore, latestLeaseEnd } from '../../../lib/state/stores/runs.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const T0 = Date.UTC(2026, 0, 1);
const LAST = { scheduledAt: T0, startedAt: T0 + 1, endedAt: T0 + 2, exitCode: 0 };
const RUN = { pk: 'run#services#vc01' };

describe('the last run', () => {
  it('comes back with all that was kept of it, and with nothing else', async () => {
    const table = createMemoryTable();
    const runs = createRunStore({ table, now: () => T0 });
    const whole = {
      ...LAST,
      lastSuccessAt: T0 - 1,
      maxBatchHosts: 40,
      isDry: true as const,
      untoldPins: { since: T0, counted: 0 },
      sinks: { pushgateway: { ok: false }, textfile: { ok: true, deliveredAt: T0 } },
      outcomes: { 'host-1 ssh': 'ok' },
    };
    await runs.writeLast('services', 'vc01', whole, o);
    expect(await runs.readLast('services', 'vc01', o)).toEqual(whole);
    await runs.writeLast('services', 'vc01', LAST, o);
    const kept = await runs.readLast('services', 'vc01', o);
    expect(Object.keys(kept ?? {}).toSorted()).toEqual(Object.keys(LAST).toSorted());
  });

  it.each([
    ['maxBatchHosts', { maxBatchHosts: 0 }],
    ['exitCode', { exitCode: 1.5 }],
    ['sinks.x.ok', { sinks: { x: { ok: 1 } } }],
    ['untoldPins.counted', { untoldPins: { since: T0, counted: -1 } }],
    ['outcomes: not a compressed map of texts', { outcomes: new Uint8Array([1]) }],
    ['outcomes: not a compressed map of texts', { outcomes: ['a'] }],
  ])('is malformed where it says %s', async (where, part) => {
    const table = createMemoryTable();
    const isList = 'outcomes' in part && Array.isArray(part.outcomes);
    const packed = isList ? { outcomes: await packJson(part.outcomes) } : part;
    await table.replace({ ...RUN, sk: 'last', ...LAST, ...packed }, o);
    const reading = createRunStore({ table, now: () => T0 }).readLast('services', 'vc01', o);
    await expect(reading).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining(where),
    });
  });
});

describe('a lease', () => {
  it('that is gone each time it is looked at is tried for three times', async () => {
    let looks = 0;
    const table = {
      ...createMemoryTable(),
      putIf: async () => false,
      get: async () => {
        looks += 1;
        return undefined;
      },
    };
    const runs = createRunStore({ table, now: () => T0 });
    await expect(
      runs.acquireLease('services', 'vc01', { holder: 'one', endsAt: T0 + 1 }, o),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'The lease of services on vc01 kept changing in the state table while it was updated. Try again.',
    });
    expect(looks).toBe(3);
  });

  it('that has ended since it was in the way is taken at the next look', async () => {
    const table = createMemoryTable();
    let now = T0;
    const runs = createRunStore({ table, now: () => now });
    await runs.acquireLease('services', 'vc01', { holder: 'one', endsAt: T0 + 5 }, o);
    const late = createRunStore({
      table: {
        ...table,
        get: async (key, options) => {
          now = T0 + 5;
          return await table.get(key, options);
        },
      },
      now: () => now,
    });
    expect(await late.acquireLease('services', 'vc01', { holder: 'two', endsAt: T0 + 9 }, o)).toBe(
      'acquired',
    );
  });

  it('of a run that is made every so often ends a minute after the next one at the latest', () => {
    expect(latestLeaseEnd(300_000, T0)).toBe(T0 + 360_000);
  });
});

describe('a flight', () => {
  it.each([
    ['not packed', { addresses: new Uint8Array([1]) }],
    ['packed as something else', { addresses: 'esx01' }],
    ['longer than any batch', { addresses: Array.from({ length: 10_001 }, () => 'a') }],
  ])('whose addresses are %s is malformed', async (_how, { addresses }) => {
    const table = createMemoryTable();
    const packed = addresses instanceof Uint8Array ? addresses : await packJson(addresses);
    const item = {
      ...RUN,
      sk: 'flight#1',
      id: '1',
      batch: 0,
      user: 'root',
      version: 'v1',
      addresses: packed,
    };
    await table.replace(item, o);
    await expect(
      createFlightStore({ table, now: () => T0 }).readAll('services', 'vc01', o),
    ).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('addresses: not a compressed list of texts'),
    });
  });

  it('that is malformed hides none of the others from who is told of it', async () => {
    const table = createMemoryTable();
    const flights = createFlightStore({ table, now: () => T0 });
    const well = { batch: 0, user: 'root', version: 'v1', addresses: ['esx1'], unproven: [] };
    for (const id of ['1', '2', '3', '4']) await flights.begin('services', 'vc01', { ...well, id }, o);
    await table.update({ ...RUN, sk: 'flight#2' }, { set: { batch: 'x' } }, o);
    await table.update({ ...RUN, sk: 'flight#3' }, { set: { addresses: new Uint8Array([1]) } }, o);
    const told: string[] = [];
    const onMalformed = (sk: string, { code }: { code: string }) => void told.push(`${sk} ${code}`);
    const read = await flights.readAll('services', 'vc01', { ...o, onMalformed });
    expect(read.map(({ id }) => id)).toEqual(['1', '4']);
    expect(told).toEqual(['flight#2 malformed', 'flight#3 malformed']);
    await expect(flights.readAll('services', 'vc01', o)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('may have 10,000 addresses, and keeps no list of none', async () => {
    const table = createMemoryTable();
    const flights = createFlightStore({ table, now: () => T0 });
    const addresses = Array.from({ length: 10_000 }, (_, n) => `esx${n}`);
    const flight = { id: '1', batch: 0, user: 'root', version: 'v1', addresses, unproven: [] };
    await flights.begin('services', 'vc01', flight, o);
    expect(await flights.readAll('services', 'vc01', o)).toEqual([flight]);
    expect(await table.get({ ...RUN, sk: 'flight#1' }, o)).not.toHaveProperty('unproven');
  });
});
