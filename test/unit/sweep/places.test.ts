import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesInAll, placesOf } from '../../../lib/sweep/dispatch/places.ts';

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** How many batches that read and that ask are under way when more than there is room for are to begin, in this order. */
async function fill(maxBatches: number, order: readonly ('reads' | 'batches')[]) {
  const { reads, batches } = placesOf(maxBatches);
  const places = { reads, batches: (one: () => Promise<void>) => batches(one) };
  const begun = { reads: 0, batches: 0 };
  const end = Promise.withResolvers<void>();
  const work: Promise<void>[] = [];
  for (const way of order) {
    for (let index = 0; index <= maxBatches; index += 1)
      work.push(
        places[way](async () => {
          begun[way] += 1;
          await end.promise;
        }),
      );
    await soon();
  }
  const underWay = { ...begun };
  end.resolve();
  await Promise.all(work);
  expect(begun).toEqual({ reads: maxBatches + 1, batches: maxBatches + 1 });
  return underWay;
}

describe('the places of batches', () => {
  it('of one: reading has its own, so a single place has two connections', async () => {
    expect(await fill(1, ['reads', 'batches'])).toEqual({ reads: 1, batches: 1 });
    expect(await fill(1, ['batches', 'reads'])).toEqual({ reads: 1, batches: 1 });
    expect(placesInAll(1)).toBe(2);
  });

  it('have a connection each: no more batches are under way than there are connections', async () => {
    const orders = fc.constantFrom(['reads', 'batches'] as const, ['batches', 'reads'] as const);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), orders, async (maxBatches, order) => {
        const { reads, batches } = await fill(maxBatches, order);
        expect(reads + batches).toBe(placesInAll(maxBatches));
      }),
      { numRuns: 30 },
    );
  });

  it('are kept for hosts, a quarter of them, however many vCenters hang', async () => {
    expect(await fill(16, ['reads', 'batches'])).toEqual({ reads: 12, batches: 4 });
    expect(await fill(2, ['reads', 'batches'])).toEqual({ reads: 1, batches: 1 });
    expect(await fill(16, ['batches', 'reads'])).toEqual({ reads: 0, batches: 16 });
  });
});
