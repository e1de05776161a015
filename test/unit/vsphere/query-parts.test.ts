import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halve, type QueryPart, toParts } from '../../../lib/vsphere/performance/query-parts.ts';

const part = (entities: number, metrics: number): QueryPart => ({
  entities: Array.from({ length: entities }, (_, i) => ({ type: 'HostSystem', value: `host-${i}` })),
  metrics: Array.from({ length: metrics }, (_, i) => ({ counterId: i, instance: '' })),
});

const pairsOf = (parts: readonly QueryPart[]) =>
  parts
    .flatMap(({ entities, metrics }) =>
      entities.flatMap(({ value }) => metrics.map(({ counterId }) => `${value}/${counterId}`)),
    )
    .toSorted();
const sizesOf = (parts: readonly QueryPart[]) =>
  parts.map((one) => [one.entities.length, one.metrics.length]);

describe('toParts', () => {
  it('asks for each metric of each entity once, and never for more than the limit', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        limit,
        (e, m, maxQueryMetrics) => {
          const parts = toParts(part(e, m), { maxQueryMetrics });
          expect(pairsOf(parts)).toEqual(pairsOf([part(e, m)]));
          for (const { entities, metrics } of parts) {
            expect(entities.length * metrics.length).toBeGreaterThan(0);
            expect(entities.length * metrics.length).toBeLessThanOrEqual(
              maxQueryMetrics ?? Number.POSITIVE_INFINITY,
            );
          }
        },
      ),
    );
  });

  it('asks for all of an entity before it asks for the next', () => {
    const [sizes, limit] = [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 50 })];
    fc.assert(
      fc.property(sizes, sizes, limit, (e, m, maxQueryMetrics) => {
        const order = toParts(part(e, m), { maxQueryMetrics }).flatMap(({ entities }) =>
          entities.map(({ value }) => value),
        );
        const changes = order.filter((value, index) => value !== order[index - 1]);
        expect(changes).toHaveLength(new Set(order).size);
      }),
    );
  });

  it('counts historical statistics as entities times metrics', () => {
    expect(sizesOf(toParts(part(100, 3), { maxQueryMetrics: 256 }))).toEqual([
      [85, 3],
      [15, 3],
    ]);
    expect(sizesOf(toParts(part(2, 300), { maxQueryMetrics: 256 }))).toEqual([
      [1, 256],
      [1, 44],
      [1, 256],
      [1, 44],
    ]);
  });

  it('counts real-time statistics by entities, and by the XML of a request when there are many metrics', () => {
    expect(sizesOf(toParts(part(600, 20), { maxQueryMetrics: undefined }))).toEqual([
      [256, 20],
      [256, 20],
      [88, 20],
    ]);
    // 7 elements an entity and 3 a metric of each: 49 times 6,007 are below 300,000, and 50 times are not.
    expect(sizesOf(toParts(part(50, 2_000), { maxQueryMetrics: undefined }))).toEqual([
      [49, 2_000],
      [1, 2_000],
    ]);
    expect(sizesOf(toParts(part(257, 20), { maxQueryMetrics: undefined }))).toEqual([
      [256, 20],
      [1, 20],
    ]);
  });

  it('asks for one entity at least, however many metrics it has', () => {
    expect(sizesOf(toParts(part(2, 99_998), { maxQueryMetrics: undefined }))).toEqual([
      [1, 99_997],
      [1, 1],
      [1, 99_997],
      [1, 1],
    ]);
    expect(sizesOf(toParts(part(1, 99_998), { maxQueryMetrics: 1_000_000 }))).toEqual([
      [1, 99_997],
      [1, 1],
    ]);
  });
});

describe('halve', () => {
  it('halves entities first, then metrics, and no single one', () => {
    expect(sizesOf(halve(part(5, 2)) ?? [])).toEqual([
      [3, 2],
      [2, 2],
    ]);
    expect(sizesOf(halve(part(1, 3)) ?? [])).toEqual([
      [1, 2],
      [1, 1],
    ]);
    expect(sizesOf(halve(part(1, 2)) ?? [])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(sizesOf(halve(part(2, 1)) ?? [])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(halve(part(1, 1))).toBeUndefined();
  });
});
