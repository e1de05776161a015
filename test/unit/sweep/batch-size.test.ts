import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, MAX_BATCH_HOSTS, nextBatchSize } from '../../../lib/sweep/plan/batch-size.ts';

describe('nextBatchSize', () => {
  it('halves what was too large, of the hosts that there are', () => {
    expect(nextBatchSize(250, { tooLarge: true, hosts: 1_000 })).toBe(125);
    expect(nextBatchSize(250, { tooLarge: true, hosts: 60 })).toBe(30);
    expect(nextBatchSize(1, { tooLarge: true, hosts: 60 })).toBe(1);
  });

  it('goes back to the limit slowly and never beyond it', () => {
    const sizes = [1];
    while (sizes.length < 400) sizes.push(nextBatchSize(sizes.at(-1) ?? 0, { tooLarge: false, hosts: 9 }));
    expect(sizes.at(-1)).toBe(MAX_BATCH_HOSTS);
    expect(sizes.indexOf(250) - sizes.findIndex((size) => size >= 125)).toBeGreaterThan(20);
  });

  it('fits a fleet of any result size in a few runs, and is too large in few runs then', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 2_000 }), (fits, hosts) => {
        let size = MAX_BATCH_HOSTS;
        const faults = Array.from({ length: 108 }, () => {
          const tooLarge = Math.min(size, hosts) > fits;
          size = nextBatchSize(size, { tooLarge, hosts });
          return tooLarge;
        });
        expect(faults.slice(0, 8).filter(Boolean).length).toBeLessThanOrEqual(8);
        expect(size).toBeGreaterThanOrEqual(1);
        if (fits >= 50) expect(faults.slice(8).filter(Boolean).length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('the batches of a target', () => {
  const read = (...items: number[]) => items.map((length) => ({ items: Array.from({ length }) }));

  it('are those of the path that needs more, with a slice of its own for each kind', () => {
    expect(batchesOf({ asked: 500, maxBatchHosts: 250, read: read(500) })).toBe(2);
    expect(batchesOf({ asked: 500, maxBatchHosts: 250, read: read(500, 4_001, 3) })).toBe(7);
    expect(batchesOf({ asked: 0, maxBatchHosts: 250, read: read(1_000) })).toBe(1);
    expect(batchesOf({ asked: 0, maxBatchHosts: 250, read: [] })).toBe(0);
  });
});
