import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import type { OwnMetricConfig, SweptOwn } from '../../../lib/config/own-metrics.ts';
import type { KindName } from '../../../lib/inventory/kind.ts';
import type { SourcedSample } from '../../../lib/metrics/sourced-samples.ts';
import type { NamedItems } from '../../../lib/sweep/result/named-items.ts';
import { chosenBy, ownNames, withinBudget } from '../../../lib/sweep/result/own-metrics.ts';
import { batchResult } from './builders.ts';

const ownOf = (more: Partial<SweptOwn>): SweptOwn => ({
  metrics: {},
  only: undefined,
  series: 10,
  preset: 'vmware_exporter',
  ...more,
});
const metricsOf = (...names: string[]): Record<string, OwnMetricConfig> =>
  Object.fromEntries(names.map((name) => [name, {}]));

describe('the budget of own metrics', () => {
  /** Lists of so many samples each, in parts as batches bring them. */
  const listsOf = (...counts: readonly (readonly [metric: string, count: number])[]) =>
    counts.map(
      ([metric, count]) =>
        [metric, Array.from({ length: count }, (): SourcedSample => ({ moref: 'x' }) as never)] as const,
    );
  const said = (metric: string, count: number, series: number) => ({
    text: `${metric}: left out, because with its ${count} series the run has more than metrics.series (${series}). Choose fewer objects with metrics.only, or raise metrics.series`,
    count: 1,
  });
  const lists = listsOf(['built_in', 20], ['a', 2], ['b', 5], ['c', 3], ['b', 1]);

  it('leaves out whole metrics, those with the most series first, until the rest is within it', () => {
    const metrics = metricsOf('a', 'b', 'c', 'd');
    const cutAt = (series: number) => {
      const found = withinBudget(lists, ownOf({ metrics, series }));
      return [found.lists.map(([metric]) => metric).join(' '), [...found.cut], found.warnings];
    };
    expect(cutAt(31)).toEqual(['built_in a b c b', [], []]);
    expect(cutAt(30)).toEqual(['built_in a c', [['b', 6]], [said('b', 6, 30)]]);
    expect(cutAt(25)).toEqual(['built_in a c', [['b', 6]], [said('b', 6, 25)]]);
    expect(cutAt(24)).toEqual([
      'built_in a',
      [
        ['b', 6],
        ['c', 3],
      ],
      [said('b', 6, 24), said('c', 3, 24)],
    ]);
    // Built-in metrics stay, also where they alone are more.
    expect(cutAt(1)[0]).toBe('built_in');
  });

  it('is none without own metrics', () => {
    expect(withinBudget(lists, undefined)).toEqual({ lists, cut: new Map(), warnings: [] });
  });

  it('cuts nothing that is not an own metric, whatever it is called', () => {
    const odd = listsOf(['toString', 50]);
    expect(withinBudget(odd, ownOf({ metrics: metricsOf('a') })).lists).toBe(odd);
  });
});

describe('the items that own metrics are about', () => {
  const asked: string[] = [];
  const named: Pick<NamedItems, 'find'> = {
    find(kind, moref) {
      asked.push(`${kind} ${moref}`);
      return moref === 'gone' ? undefined : { target: 'vc01', site: '', name: `name of ${moref}`, facts: {} };
    },
  };
  const chosen = (only: SweptOwn['only'], settled: Parameters<typeof chosenBy>[1]['settled'] = []) =>
    chosenBy(ownOf({ only }), { settled, named: named as NamedItems });
  /** What a batch says of the tags of two machines. */
  const tagsOf = (
    does: 'sweep' | 'read',
    pairs: readonly (readonly [moref: string, category: string, tag: string])[],
    { kind = 'vm', metric = 'own tags vm' }: { kind?: KindName; metric?: string } = {},
  ) => {
    const words = (part: 1 | 2) => pairs.map((pair) => pair[part]);
    const at = pairs.map((_, index) => index);
    const outcomes = ['vm-1', 'vm-2'].map((moref) => [moref, { outcome: 'ok' }] as const);
    const family = {
      metric,
      items: pairs.map(([moref]) => (moref === 'vm-1' ? 0 : 1)),
      values: pairs.map(() => 1),
      labels: [
        { words: words(1), at },
        { words: words(2), at },
      ],
    };
    const value = batchResult({ outcomes: outcomes as never, families: [family] });
    return { does, kind, result: { status: 'fulfilled', value } } as never;
  };

  it('are all where nothing says otherwise', () => {
    expect(chosen(undefined)).toBeUndefined();
    expect(chosenBy(undefined, { settled: [], named: named as NamedItems })).toBeUndefined();
  });

  it('are those with a name, of those that were listed, each looked up once', () => {
    asked.length = 0;
    const isChosen = chosen({ name: ['*vm-1'] });
    expect(['vm-1', 'vm-2', 'gone', 'vm-1', 'vm-2'].map((moref) => isChosen?.('vm', moref))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(asked).toEqual(['vm vm-1', 'vm vm-2', 'vm gone']);
    expect(isChosen?.('host', 'vm-1')).toBe(true);
    expect(asked).toHaveLength(4);
  });

  it('are those with a tag, of what the sweep itself read', () => {
    const settled = [
      tagsOf('sweep', [
        ['vm-1', 'env', 'prod'],
        ['vm-2', 'env', 'test'],
        ['vm-1', 'owner', 'ann'],
      ]),
      tagsOf('read', [['vm-2', 'env', 'prod']]),
      tagsOf('sweep', [['vm-2', 'env', 'prod']], { metric: 'vmware_tag' }),
      tagsOf('sweep', [['vm-2', 'env', 'prod']], { kind: 'host' }),
      { does: 'sweep', kind: 'vm', result: { status: 'rejected', reason: new Error('no tags') } } as never,
    ];
    const by = (tag: string) =>
      ['vm-1', 'vm-2'].map((moref) => chosen({ tag: [tag] }, settled)?.('vm', moref));
    expect(by('env=prod')).toEqual([true, false]);
    expect(by('env=test')).toEqual([false, true]);
    expect(by('owner=ann')).toEqual([true, false]);
    expect(chosen({ tag: ['env=prod'] }, settled)?.('host', 'vm-2')).toBe(true);
    expect(chosen({ tag: ['env=prod'] })?.('vm', 'vm-1')).toBe(false);
  });
});

describe('ownNames', () => {
  it('has the names of the rows that the configuration made', () => {
    const rows = [{ name: 'a', isOwn: true }, { name: 'b' }, { name: 'c', isOwn: false }] as MetricRow[];
    expect(ownNames(rows)).toEqual(['a']);
  });
});
