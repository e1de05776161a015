import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deduplicate as deduplicateList } from '../../../lib/metrics/deduplicate.ts';
import { compareMorefs } from '../../../lib/metrics/moref-order.ts';
import type { SourcedSample } from '../../../lib/metrics/sourced-samples.ts';

/** Its samples as an array, gone through twice: they are the same each time. */
function deduplicate(samples: readonly SourcedSample[]) {
  const found = deduplicateList(samples);
  expect([...found.samples]).toEqual([...found.samples]);
  return { ...found, samples: [...found.samples], sources: [...found.sources] };
}
const row = (moref: string, labels: string[], value: number): SourcedSample => ({
  moref,
  sample: { metric: 'esxi_x', labels, value },
});

const moref = fc.tuple(fc.constantFrom('host-', 'vm-', ''), fc.nat(30)).map(([kind, id]) => `${kind}${id}`);
/** One sample a moref and metric, as objects give them; labels are few, so that series collide. */
const rows = fc.uniqueArray(
  fc
    .record({ moref, metric: fc.constantFrom('a', 'b'), label: fc.constantFrom('x', 'y', 'z') })
    .map((made) => ({
      moref: made.moref,
      sample: { metric: made.metric, labels: [made.label], value: 1 },
    })),
  { selector: ({ moref: id, sample }) => JSON.stringify([id, sample.metric]) },
);

describe('deduplicate', () => {
  it('keeps the sample of the lowest moref, read as a number', () => {
    const { samples, dropped } = deduplicate([
      row('host-10', ['esx01'], 10),
      row('host-9', ['esx01'], 9),
      row('host-11', ['esx01'], 11),
      row('host-12', ['esx02'], 12),
    ]);
    expect(samples.map(({ value }) => value)).toEqual([9, 12]);
    expect(dropped).toBe(2);
  });

  it('keeps the first of two equal series of one object', () => {
    expect(deduplicate([row('host-1', ['a'], 1), row('host-1', ['a'], 2)])).toEqual({
      samples: [{ metric: 'esxi_x', labels: ['a'], value: 1 }],
      sources: ['host-1'],
      dropped: 1,
    });
  });

  it('keeps every time of a series of one object, and nothing of another object in between', () => {
    const timed = (moref: string, value: number, timeMs: number): SourcedSample => ({
      moref,
      sample: { metric: 'esxi_x', labels: ['a'], value, timeMs },
    });
    const { samples, dropped } = deduplicate([
      timed('host-2', 20, 1_000),
      timed('host-1', 10, 1_000),
      timed('host-2', 21, 3_000),
      timed('host-1', 11, 2_000),
      timed('host-1', 12, 2_000),
    ]);
    expect(samples.map(({ value }) => value)).toEqual([10, 11]);
    expect(dropped).toBe(3);
  });

  // The Pushgateway would refuse the group: in UTF-8 both are U+FFFD.
  it('takes texts for equal that UTF-8 makes equal', () => {
    expect(deduplicate([row('host-1', ['\ud800'], 1), row('host-2', ['\udc00'], 2)]).dropped).toBe(1);
  });

  it('tells series apart whose label values run together', () => {
    expect(deduplicate([row('host-1', ['a,b', 'c'], 1), row('host-2', ['a', 'b,c'], 2)]).dropped).toBe(0);
  });

  it('loses nothing: samples and dropped add up, every series stays once, whatever the order', () => {
    fc.assert(
      fc.property(
        rows.chain((made) =>
          fc.tuple(fc.constant(made), fc.shuffledSubarray(made, { minLength: made.length })),
        ),
        ([made, shuffled]) => {
          const { samples, dropped } = deduplicate(made);
          const series = new Set(made.map(({ sample }) => JSON.stringify([sample.metric, sample.labels])));
          expect(samples.length + dropped).toBe(made.length);
          expect(new Set(samples.map(({ metric, labels }) => JSON.stringify([metric, labels])))).toEqual(
            series,
          );
          expect(new Set(deduplicate(shuffled).samples)).toEqual(new Set(samples));
        },
      ),
    );
  });
});

describe('compareMorefs', () => {
  it('orders numbers by size and kinds by text', () => {
    const morefs = ['vm-1', 'host-10', 'host-9', 'host-1009', 'group-h4', 'ha-host', 'host-9a', ''];
    expect(morefs.sort(compareMorefs)).toEqual([
      '',
      'group-h4',
      'ha-host',
      'host-9',
      'host-9a',
      'host-10',
      'host-1009',
      'vm-1',
    ]);
  });

  it('is the order of the texts with each number written out to one length, then of the texts themselves', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '-', '0', '1', '9'), maxLength: 6 });
    const writtenOut = (made: string) => made.replace(/\d+/g, (digits) => digits.padStart(6, '0'));
    const orderOf = (left: string, right: string) => (left === right ? 0 : left < right ? -1 : 1);
    fc.assert(
      fc.property(text, text, (left, right) => {
        const expected = orderOf(writtenOut(left), writtenOut(right)) || orderOf(left, right);
        expect(Math.sign(compareMorefs(left, right))).toBe(expected);
      }),
    );
    expect(compareMorefs('host-007', 'host-08')).toBeLessThan(0);
    expect(compareMorefs('host-1', 'host-01a')).toBeLessThan(0);
  });

  it('is a total order', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '-', '0', '1', '9'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(compareMorefs(a, b)) + Math.sign(compareMorefs(b, a))).toBe(0);
        expect(compareMorefs(a, b) === 0).toBe(a === b);
        if (compareMorefs(a, b) < 0 && compareMorefs(b, c) < 0) expect(compareMorefs(a, c)).toBeLessThan(0);
      }),
    );
  });
});
