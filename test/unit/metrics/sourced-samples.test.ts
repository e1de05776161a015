import { describe, expect, it } from 'vitest';
import { distinctFamilies } from '../../../lib/metrics/distinct-families.ts';
import { listOf } from '../../../lib/metrics/list.ts';
import { type MetricSamples, ofMetrics, toLists } from '../../../lib/metrics/sourced-samples.ts';

const one = (metric: string, moref: string, value: number, timeMs?: number) => ({
  moref,
  sample: { metric, labels: [moref], value, ...(timeMs === undefined ? {} : { timeMs }) },
});
const [A1, B1, A2] = [one('a', 'host-1', 1), one('b', 'host-1', 2), one('a', 'host-2', 3)];

describe('samples by metric', () => {
  it('are all that come, the metrics in the order in which they first do', () => {
    expect(toLists([A1, B1, A2])).toEqual([
      ['a', [A1, A2]],
      ['b', [B1]],
    ]);
    const all = ofMetrics([
      ['a', [A1]],
      ['b', [B1]],
      ['a', [A2]],
    ]);
    expect([...all]).toEqual([A1, A2, B1]);
    expect([...all]).toEqual([A1, A2, B1]);
    expect(all.length).toBe(3);
    expect([0, 2, 3].map((index) => all.at(index))).toEqual([A1, B1, undefined]);
    expect(Array.from(all.byMetric, ([metric, samples]) => [metric, [...samples]])).toEqual([
      ['a', [A1, A2]],
      ['b', [B1]],
    ]);
  });

  it('stay the list that they were where a metric has one', () => {
    const list = [A1];
    expect(ofMetrics([['a', list]]).byMetric.get('a')).toBe(list);
  });
});

describe('distinctFamilies', () => {
  const [A, B, C] = ['a', 'b', 'c'].map((name) => ({ name, help: name, labels: ['host'] }));
  const definitions = [A, B, C].flatMap((definition) => definition ?? []);
  const familiesOf = (byMetric: Record<string, MetricSamples>) =>
    distinctFamilies(definitions, { byMetric: new Map(Object.entries(byMetric)) });

  it('are in the order of the definitions, with how many samples they have and lost', () => {
    const { families, samples, dropped } = familiesOf({
      b: [B1],
      a: [A1, A2, { ...A1, moref: 'host-3' }, { ...A1, moref: 'host-4' }],
      c: [],
    });
    expect(families.map(({ samples: those, ...family }) => ({ ...family, samples: [...those] }))).toEqual([
      { definition: A, samples: [A1.sample, A2.sample], isTimed: false },
      { definition: B, samples: [B1.sample], isTimed: false },
    ]);
    expect([samples, dropped]).toEqual([3, 2]);
  });

  it('have the object of each sample where any has a time', () => {
    const [family] = familiesOf({ a: [one('a', 'host-1', 1, 5), A2] }).families;
    expect([family?.isTimed, [...(family?.sources ?? [])]]).toEqual([true, ['host-1', 'host-2']]);
    const isTimed = Object.assign([A1], { isTimed: true as const });
    expect(familiesOf({ a: isTimed }).families[0]).toMatchObject({ isTimed: true });
  });

  it('look at one sample of a list that is known to be distinct', () => {
    let made = 0;
    const list = Object.assign(
      listOf(100, (index) => {
        made += 1;
        return one('a', `host-${index}`, 1);
      }),
      { areDistinct: true as const },
    );
    expect(familiesOf({ a: list })).toMatchObject({ samples: 100, dropped: 0 });
    expect(made).toBe(1);
    const odd = Object.assign([one('a', 'host-1', Number.NaN)], { areDistinct: true as const });
    expect(() => familiesOf({ a: odd })).toThrow('metric a: the value NaN is no measurement');
  });

  it('refuse a metric that nobody defines, if it has a sample', () => {
    expect(() => familiesOf({ d: [one('d', 'host-1', 1)] })).toThrow('metric d: no definition has this name');
    expect(familiesOf({ d: [] })).toEqual({ families: [], samples: 0, dropped: 0 });
  });
});
