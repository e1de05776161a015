import { describe, expect, it } from 'vitest';
import { packJson } from '../../../lib/state/packed-json.ts';
import { createEventTallyStore } from '../../../lib/state/stores/event-tallies.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const KEY = { pk: 'run#watch#vc01', sk: 'events' };
const TALLY = { at: 2, from: 1, totals: { VmCreatedEvent: 3 }, seen: [[7, 2] as [number, number]] };

describe('a tally of events', () => {
  it('that is gone again each time it is written says whose it is', async () => {
    const table = { ...createMemoryTable(), putIf: async () => false, get: async () => undefined };
    const kept = { tally: TALLY, over: undefined, runId: 'run-1' };
    await expect(createEventTallyStore({ table }).write('watch', 'vc01', kept, o)).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'The tally of events of watch on vc01 kept changing in the state table while it was updated. Try again.',
    });
  });

  it.each([
    ['a time that is none', { ...TALLY, at: 'now' }],
    ['a beginning that is none', { ...TALLY, from: 1.5 }],
    ['a count below nothing', { ...TALLY, totals: { VmCreatedEvent: -1 } }],
    ['an event without its time', { ...TALLY, seen: [[7]] }],
    ['more events than are remembered', { ...TALLY, seen: Array.from({ length: 10_001 }, (_, n) => [n, 0]) }],
    ['nothing', {}],
  ])('with %s is malformed, and named', async (_what, tally) => {
    const table = createMemoryTable();
    await table.replace({ ...KEY, revision: 1, runId: 'x', packed: await packJson(tally) }, o);
    await expect(createEventTallyStore({ table }).read('watch', 'vc01', o)).rejects.toMatchObject({
      code: 'malformed',
      message:
        'The item pk="run#watch#vc01" sk="events" of the state table is invalid: packed: not a compressed tally of events. ' +
        'Another version of vsweep or a person wrote it: correct it or delete it.',
    });
  });

  it('may have 10,000 events and none, and counts its writes', async () => {
    const tallies = createEventTallyStore({ table: createMemoryTable() });
    const none = { at: 0, from: 0, totals: {}, seen: [] };
    await tallies.write('watch', 'vc01', { tally: none, over: undefined, runId: 'run-1' }, o);
    const over = await tallies.read('watch', 'vc01', o);
    expect(over).toEqual({ tally: none, revision: 1 });
    const seen = Array.from({ length: 10_000 }, (_, n): [number, number] => [n, n]);
    await tallies.write('watch', 'vc01', { tally: { ...TALLY, seen }, over, runId: 'run-2' }, o);
    const many = await tallies.read('watch', 'vc01', o);
    expect([many?.revision, many?.tally.totals, many?.tally.seen.length]).toEqual([2, TALLY.totals, 10_000]);
  });
});
