import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesInAll, placesOf } from '../../../lib/sweep/dispatch/places.ts';

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** How many batches that read and that ask are under way when more than there is room for are to begin, in this order. */
async function fill(maxBatches: number, order: readonly ('reads' | 'batches')[], mostAsking?: number) {
  const { reads, batches } = placesOf(maxBatches, mostAsking);
  const places = { reads, batches };
  const begun = { reads: 0, batches: 0 };
  const end = Promise.withResolvers<void>();
  const work: Promise<void>[] = [];
  for (const way of order) {
    for (let index = 0; index <= maxBatches; index += 1)
      work.push(
        places[way](async () => {
          begun[way] += 1;
          await end.promise;
        }, `vc${index}`),
      );
    await soon();
  }
  const underWay = { ...begun };
  end.resolve();
  await Promise.all(work);
  expect(begun).toEqual({ reads: maxBatches + 1, batches: maxBatches + 1 });
  return underWay;
}

/** The order in which batches begin, of twice as many of each sort as there are places, when each ends alone. */
async function endingOneByOne(maxBatches: number, sorts: readonly ('ask' | 'read')[]) {
  const { reads, batches } = placesOf(maxBatches);
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const work = sorts.flatMap((sort) =>
    Array.from({ length: 2 * maxBatches }, (_, at) =>
      (sort === 'ask' ? batches : reads)(async () => {
        order.push(sort);
        const end = Promise.withResolvers<void>();
        ends.push(end.resolve);
        await end.promise;
      }, `vc${at}`),
    ),
  );
  for (let ended = 0; ended < work.length; ended += 1) {
    await soon();
    ends[ended]?.();
  }
  await Promise.all(work);
  return order;
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

  it('that come free go to those that ask first, but a quarter of them to those that read', async () => {
    const order = await endingOneByOne(16, ['ask', 'read']);
    // Sixteen hosts' batches were under way: the first four places that come free are for reading.
    expect(order.slice(16, 20)).toEqual(['read', 'read', 'read', 'read']);
    expect(order.slice(20, 32)).toEqual(Array.from({ length: 12 }, () => 'ask'));
  });

  it('are given to whoever waits, and all are done, whatever comes in which order', async () => {
    const does = fc.array(fc.constantFrom('ask' as const, 'read' as const), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), does, async (maxBatches, wanted) => {
        const { reads, batches } = placesOf(maxBatches);
        const underWay = { ask: 0, read: 0 };
        const fails = async (one: 'ask' | 'read') => {
          underWay[one] += 1;
          expect(underWay.ask + underWay.read).toBeLessThanOrEqual(placesInAll(maxBatches));
          expect(underWay.ask).toBeLessThanOrEqual(maxBatches);
          await soon();
          underWay[one] -= 1;
          throw new Error(one);
        };
        const ended = await Promise.allSettled(
          wanted.map((one, at) => (one === 'ask' ? batches : reads)(() => fails(one), `vc${at % 3}`)),
        );
        expect(ended.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });

  it('that ask can be fewer, by what memory has room for, and those that read are not fewer for it', async () => {
    for (const order of [['reads', 'batches'] as const, ['batches', 'reads'] as const])
      expect(await fill(16, order, 2)).toEqual({ reads: 12, batches: 2 });
    expect(placesOf(16, 2).maxReadsOfTarget).toBe(3);
    expect(await fill(4, ['reads', 'batches'], 0)).toEqual({ reads: 3, batches: 1 });
  });

  it('that read are given to one target by a quarter at most, so two vCenters that hang leave the others half', () => {
    expect([1, 2, 4, 16, 50].map((max) => placesOf(max).maxReadsOfTarget)).toEqual([1, 1, 1, 3, 9]);
  });

  it('go to a target that has none first, and then to who waits the longest', async () => {
    for (const way of ['reads', 'batches'] as const) {
      const turn = placesOf(4)[way];
      const begun: string[] = [];
      const ended = ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'c'].map((target, at) =>
        turn(async () => {
          begun.push(`${target}${at}`);
          await soon();
        }, target),
      );
      await Promise.all(ended);
      const first = way === 'reads' ? ['a0', 'a1'] : ['a0', 'a1', 'a2', 'a3'];
      const others = ['a2', 'a3', 'a4', 'a5'].filter((one) => !first.includes(one));
      expect(begun).toEqual([...first, 'b6', 'c7', ...others]);
    }
  });

  it.each([
    [16, 11],
    [50, 36],
  ])(
    'of %i: others read while %i vCenters that came first hang, whatever these wait for',
    async (max, hanging) => {
      const { reads, maxReadsOfTarget } = placesOf(max);
      const hang = Promise.withResolvers<void>();
      const targets = Array.from({ length: hanging * maxReadsOfTarget }, (_, at) => `hangs${at % hanging}`);
      const hung = targets.map((target) => reads(() => hang.promise, target));
      let read = 0;
      const others = Array.from({ length: 60 }, (_, at) =>
        reads(
          async () => {
            await soon();
            read += 1;
          },
          `vc${at % 20}`,
        ),
      );
      for (let turns = 0; turns < 200; turns += 1) await soon();
      expect(read).toBe(60);
      hang.resolve();
      await Promise.all([...hung, ...others]);
    },
  );

  it('are found for 10,000 batches of 1,000 targets without looking at each batch that waits', async () => {
    const { reads } = placesOf(16);
    const before = process.cpuUsage();
    await Promise.all(
      Array.from({ length: 10_000 }, (_, at) => reads(async () => undefined, `vc${at % 1_000}`)),
    );
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000_000).toBeLessThan(4);
  });
});
