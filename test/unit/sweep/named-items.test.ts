import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import type { Item, KindName } from '../../../lib/inventory/kind.ts';
import { countOutcomes, failed, ok, parseOutcome, skipped } from '../../../lib/sweep/outcome.ts';
import { createMembers } from '../../../lib/sweep/result/members.ts';
import { NO_ITEMS, nameItems } from '../../../lib/sweep/result/named-items.ts';
import { parseOutcomes, printOutcomes } from '../../../lib/sweep/result/outcome-changes.ts';
import { evaluateViews, pointsByItem } from '../../../lib/sweep/result/views.ts';
import { batchHost } from './builders.ts';

const item = (moref: string, key?: string): Item =>
  ({
    type: 'T',
    moref,
    name: `name of ${moref}`,
    facts: key === undefined ? {} : { key },
  }) as unknown as Item;

describe('the items of a target', () => {
  const named = nameItems(
    { name: 'vc1', site: 'north' },
    {
      hosts: [batchHost(1), batchHost(2)],
      listed: [{ moref: 'host-1', facts: { cluster: 'c1' } }] as unknown as Item[],
      others: new Map<KindName, { items: readonly Item[] }>([
        ['datastore', { items: [item('datastore-1', 'k1'), item('datastore-2', ''), item('datastore-3')] }],
        ['vm', { items: [] }],
      ]),
    },
  );

  it('have the names and sites of hosts as they are asked, with the facts of the list; others the site of the target', () => {
    expect(named.find('host', 'host-1')).toEqual({
      target: 'vc1',
      site: 'qa',
      name: 'esx1.example.org',
      facts: { cluster: 'c1' },
    });
    expect(named.find('host', 'host-2')?.facts).toEqual({});
    expect(named.find('datastore', 'datastore-1')).toEqual({
      target: 'vc1',
      site: 'north',
      name: 'name of datastore-1',
      facts: { key: 'k1' },
    });
    expect(named.find('datastore', 'host-1')).toBeUndefined();
    expect(named.find('cluster', 'c')).toBeUndefined();
  });

  it('are listed by kind; a kind that was not listed is none, and one without items is empty', () => {
    expect(Array.from(named.all('host') ?? [], ([moref]) => moref)).toEqual(['host-1', 'host-2']);
    expect(named.all('vm')).toEqual(new Map());
    expect(named.all('cluster')).toBeUndefined();
  });

  it('are referred to by their reference or by a key, which is never the empty one', () => {
    const by = (how: 'key' | 'moref', value: string) =>
      named.refersTo({ kind: 'datastore', by: how } as never, value)?.name;
    expect(['k1', '', 'datastore-1', 'undefined'].map((value) => by('key', value))).toEqual([
      'name of datastore-1',
      undefined,
      undefined,
      undefined,
    ]);
    expect(by('moref', 'datastore-1')).toBe('name of datastore-1');
    expect(by('moref', 'k1')).toBeUndefined();
  });

  it('are none of a target of which nothing is known', () => {
    expect([
      NO_ITEMS.find('host', 'host-1'),
      NO_ITEMS.all('host'),
      NO_ITEMS.refersTo({ kind: 'host' } as never, 'host-1'),
    ]).toEqual([undefined, undefined, undefined]);
  });
});

describe('outcomes in words', () => {
  it('are those that are printed, and nothing beside them', () => {
    expect(['ok', 'failed(auth)', 'skipped(lockdown)'].map(parseOutcome)).toEqual([
      ok,
      failed('auth'),
      skipped('lockdown'),
    ]);
    const others = [
      '',
      'Ok',
      'ok ',
      'failed',
      'failed()',
      'failed(lockdown)',
      'skipped(auth)',
      'xfailed(auth)',
    ];
    for (const text of [...others, 'failed(auth)x', 'failed(AUTH)', 'lost(auth)', '-'])
      expect(parseOutcome(text)).toBeUndefined();
  });

  it('of a host have a word for each path up to the last one that was asked', () => {
    expect(
      [{}, { vcenter: ok }, { ssh: ok }, { vcenter: failed('target'), ssh: skipped('state') }].map(
        (outcomes) => printOutcomes({ outcomes }),
      ),
    ).toEqual(['-', 'ok', '- ok', 'failed(target) skipped(state)']);
    expect(['-', '', 'ok ok ok', '- failed(auth)', 'odd ok'].map(parseOutcomes)).toEqual([
      {},
      {},
      { vcenter: 'ok', ssh: 'ok' },
      { ssh: 'failed(auth)' },
      { ssh: 'ok' },
    ]);
  });

  it('are counted each once', () => {
    expect(countOutcomes([ok, failed('auth'), ok, skipped('state'), failed('dns'), ok])).toEqual({
      hosts: 6,
      ok: 3,
      failed: 2,
      skipped: 1,
    });
  });
});

const rowOf = (name: string, source: object = {}): MetricRow =>
  ({
    name,
    labels: ['l'],
    help: '',
    kind: 'vm',
    unit: 'none',
    value: 'gauge',
    source,
  }) as unknown as MetricRow;

describe('the members of aggregates', () => {
  it('are kept of the rows that others are made over, by their items, and of no other row', () => {
    const members = createMembers(['a']);
    const [a, b] = [rowOf('a'), rowOf('b')];
    const point = (value: number) => ({ labels: [], value });
    expect([members.has(a), members.has(b)]).toEqual([true, false]);
    members.add(a, 'vm-1', point(1));
    members.add(a, 'vm-1', point(2));
    members.add(a, 'vm-2', point(3));
    members.add(b, 'vm-1', point(4));
    expect(['vm-1', 'vm-2', 'vm-3'].map((moref) => members.pointsOf(a, moref))).toEqual([
      [point(1), point(2)],
      [point(3)],
      [],
    ]);
    expect(members.pointsOf(b, 'vm-1')).toEqual([]);
  });
});

describe('points by their items', () => {
  it('are of each item that is there, by metric, with their labels and times', () => {
    const families = [
      { metric: 'a', items: [0, 1, 0], values: [1, 2, 3], labels: [{ words: ['x', 'y'], at: [0, 1, 1] }] },
      { metric: 'b', items: [0, 2], values: [4, 5], times: [0, 9], labels: [] },
    ];
    const known = (place: number) =>
      place === 1 ? undefined : { target: 'vc1', site: '', name: `item ${place}`, facts: {} };
    expect(
      pointsByItem(families, known).map(([place, { name }, points]) => [place, name, [...points]]),
    ).toEqual([
      [
        0,
        'item 0',
        [
          [
            'a',
            [
              { labels: ['x'], value: 1 },
              { labels: ['y'], value: 3 },
            ],
          ],
          ['b', [{ labels: [], value: 4 }]],
        ],
      ],
      [2, 'item 2', [['b', [{ labels: [], value: 5, timeMs: 9 }]]]],
    ]);
  });
});

describe('views', () => {
  const a = rowOf('a');
  const one = { target: 'vc1', site: '', name: 'one', facts: {} };
  type Seen = { pointsOf: (row: MetricRow) => readonly { value: number }[] };
  const sum = rowOf('sum', {
    of: [a],
    evaluate: ({ pointsOf }: Seen) => ({
      points: [{ labels: ['l'], value: pointsOf(a).reduce((all, { value }) => all + value, 0) }],
      warnings: [],
    }),
  });
  const points = (...of: { value: number; timeMs?: number }[]) =>
    new Map([['a', of.map((point) => ({ labels: [], ...point }))]]);
  const evaluate = (views: readonly MetricRow[], ...items: ReadonlyMap<string, never>[]) => {
    const errors: string[] = [];
    const families = evaluateViews(
      views,
      items.map((found, place) => [place, one, found] as const),
      (row, why) => errors.push(`${row.name} | ${why}`),
    );
    return { families, errors };
  };

  it('are made of all points of an item without times, and of none of an item that has none', () => {
    const { families } = evaluate(
      [sum],
      points({ value: 1 }, { value: 2 }) as never,
      new Map() as never,
      points({ value: 5 }) as never,
    );
    expect(families).toEqual([
      { metric: 'sum', items: [0, 2], values: [3, 5], labels: [{ words: ['l'], at: [0, 0] }] },
    ]);
  });

  it('are made for each time, in order, of the points of then and of those without a time', () => {
    const found = points(
      { value: 1, timeMs: 20 },
      { value: 2, timeMs: 10 },
      { value: 100 },
      { value: 4, timeMs: 20 },
    );
    expect(evaluate([sum], found as never).families).toEqual([
      {
        metric: 'sum',
        items: [0, 0],
        values: [102, 105],
        times: [10, 20],
        labels: [{ words: ['l'], at: [0, 0] }],
      },
    ]);
  });

  it('that throw cost their points of that item, and say why', () => {
    const breaks = rowOf('breaks', {
      of: [a],
      evaluate: () => {
        throw new Error('odd');
      },
    });
    const { families, errors } = evaluate([breaks, sum], points({ value: 1 }) as never);
    expect(families.map(({ metric }) => metric)).toEqual(['sum']);
    expect(errors).toEqual(['breaks | breaks: failed; its samples are left out: odd']);
  });
});
