import { describe, expect, it } from 'vitest';
import { packJson } from '../../../lib/state/packed-json.ts';
import { createFillStore } from '../../../lib/state/stores/fills.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
describe('the progress of samples', () => {
  const of = { sweep: 'performance', target: 'vc01', sink: 'vm' };
  const PLAN = {
    batches: [[{ moref: 'host-1', from: 1, to: 2 }], [{ moref: 'host-2', from: 2, to: 3 }]],
    kept: [{ moref: 'host-3', from: 1, to: 3 }],
    again: 1,
    newest: 3,
    series: 2.5,
  };

  it('that no item can hold says what to do', async () => {
    const steps = Array.from({ length: 8 }, () => ({ moref: incompressible(), from: 0, to: 1 }));
    const next = { plan: { ...PLAN, batches: [steps] }, over: undefined, runId: 'run-1' };
    const planning = createFillStore({ table: createMemoryTable() }).plan(of, next, o);
    await expect(planning).rejects.toThrow(
      new RangeError(
        'the progress of more objects than one item of the state can hold: split the targets or collectors among several sweeps',
      ),
    );
  });

  const columns = {
    morefs: ['host-1', 'host-2', 'host-3'],
    times: [1, 2, 3],
    from: [0, 1, 0],
    to: [1, 2, 2],
    sizes: [1, 1],
    again: 1,
    newest: 3,
    series: 2.5,
  };

  async function readOf(packed: unknown) {
    const table = createMemoryTable();
    const item = { pk: 'run#performance#vc01', sk: 'fill#vm', revision: 4, runId: 'run-1' };
    await table.replace({ ...item, packed: await packJson(packed) }, o);
    return await createFillStore({ table }).read(of, o);
  }

  it('is kept as columns, which come back as they were', async () => {
    expect(await readOf(columns)).toEqual({
      plan: PLAN,
      revision: 4,
      done: 0,
      seen: { fill: { equals: ['revision', 4] }, done: { absent: 'pk' } },
    });
  });

  it.each([
    ['a beginning too few', { from: [0, 1] }],
    ['an end too many', { to: [1, 2, 2, 2] }],
    ['a beginning at no time', { from: [0, 1, 3] }],
    ['an end at no time', { to: [1, 2, 3] }],
    ['more in its batches than there is', { sizes: [2, 2] }],
    ['a time before all times', { times: [1, 2, -3] }],
    ['a newest that is none', { newest: -1 }],
    ['series below nothing', { series: -1 }],
    ['a batch below nothing', { sizes: [-1] }],
  ])('with %s is damaged, and written over', async (_what, part) => {
    expect(await readOf({ ...columns, ...part })).toMatchObject({
      plan: undefined,
      done: 0,
      revision: 4,
      damage: 'pk="run#performance#vc01" sk="fill#vm" or its fill-done',
    });
  });

  it('may be in batches to its last object, and in none', async () => {
    expect((await readOf({ ...columns, sizes: [3] }))?.plan?.kept).toEqual([]);
    expect((await readOf({ ...columns, sizes: [] }))?.plan?.kept).toHaveLength(3);
  });
});

function incompressible(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(65_536))).toString('base64');
}
