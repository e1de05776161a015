import { describe, expect, it } from 'vitest';
import type { Evaluated, MetricRow, ReaderFacts } from '../../../lib/catalogue/row.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import type { Clock } from '../../../lib/platform/clock.ts';

const READER: ReaderFacts = { name: 'properties', runs: 'read' };
const OTHER: ReaderFacts = { name: 'probe', runs: 'ask' };
const ONE = { points: [{ labels: [], value: 1 }], warnings: [] };

/** Every look at it is 5 ms later. */
function tickingClock(): Clock {
  let now = 1_000;
  return {
    now: () => now,
    monotonic: () => {
      now += 5;
      return now;
    },
    sleep: async () => undefined,
  };
}

const row = (
  name: string,
  {
    reader = READER,
    needs = [],
    evaluate = () => ONE,
  }: { reader?: ReaderFacts; needs?: readonly string[]; evaluate?(value: unknown): Evaluated } = {},
): MetricRow => ({
  name,
  help: name,
  unit: 'number',
  kind: 'host',
  source: { reader, needs, evaluate },
  labels: [],
  preset: 'esxi_exporter',
  privilege: 'System.Read',
  since: '6.5',
});

const run = (...lists: readonly (readonly [name: string, ...rows: MetricRow[]])[]) =>
  createCollectorRun(
    lists.map(([name, ...rows]) => collector(name, rows)),
    tickingClock(),
  );

describe('createCollectorRun', () => {
  it('evaluates the rows of a reader with what it yielded, and does not wait for other readers', () => {
    const seen: unknown[] = [];
    const evaluate = (value: unknown) => {
      seen.push(value);
      return ONE;
    };
    const going = run(['x', row('esxi_a', { evaluate }), row('esxi_b', { reader: OTHER, evaluate })]);
    expect(going.offer(READER, 'read').map((found) => found.row.name)).toEqual(['esxi_a']);
    expect(going.offer(OTHER, 'asked').map((found) => found.row.name)).toEqual(['esxi_b']);
    expect(seen).toEqual(['read', 'asked']);
  });

  it('leaves out rows without a point', () => {
    const none = row('esxi_none', { evaluate: () => ({ points: [], warnings: [] }) });
    expect(run(['x', none, row('esxi_a')]).offer(READER, {})).toHaveLength(1);
  });

  it('withholds the points of a row that throws, for that item only, and marks its collector failed', () => {
    const evaluate = (value: unknown) => {
      if (value === 'esx01') throw new Error('no such field');
      return ONE;
    };
    const going = run(['brittle', row('esxi_a', { evaluate }), row('esxi_b')], ['sound', row('esxi_c')]);
    const namesOf = (value: string) => going.offer(READER, value).map((found) => found.row.name);
    expect(namesOf('esx01')).toEqual(['esxi_b', 'esxi_c']);
    expect(namesOf('esx02')).toEqual(['esxi_a', 'esxi_b', 'esxi_c']);
    expect(going.results()).toEqual([
      {
        collector: 'brittle',
        success: 0,
        durationMs: 10,
        warnings: [{ text: 'failed; its samples are left out: no such field', count: 1 }],
        lacks: [],
      },
      { collector: 'sound', success: 1, durationMs: 10, warnings: [], lacks: [] },
    ]);
  });

  it.each([
    ['badly labelled', { labels: ['a'], value: 1 }, 'a point has 1 label values, its labels are none'],
    [
      'not finite',
      { labels: [], value: Number.NaN },
      'the value NaN is no measurement; withhold the sample instead',
    ],
    [
      'infinite',
      { labels: [], value: Number.POSITIVE_INFINITY },
      'the value Infinity is no measurement; withhold the sample instead',
    ],
  ])('treats a point that is %s as a failure, so that it cannot spoil the push', (_what, point, why) => {
    const going = run(['x', row('esxi_a', { evaluate: () => ({ points: [point], warnings: [] }) })]);
    expect(going.offer(READER, {})).toEqual([]);
    const text = expect.stringContaining(why);
    expect(going.results()).toMatchObject([{ success: 0, warnings: [{ text, count: 1 }] }]);
  });

  it('names the labels of a row of which a point has too few', () => {
    const labelled = {
      ...row('esxi_a', { evaluate: () => ({ points: [{ labels: ['x'], value: 1 }], warnings: [] }) }),
      labels: ['a', 'b'],
    };
    const going = run(['x', labelled]);
    expect(going.offer(READER, {})).toEqual([]);
    const text = expect.stringContaining('a point has 1 label values, its labels are a, b');
    expect(going.results()).toMatchObject([{ warnings: [{ text }] }]);
  });

  it('evaluates only some rows where it is told which', () => {
    const [first, second, third] = [row('esxi_a'), row('esxi_b'), row('esxi_c')];
    const going = run(['x', first, second], ['y', third]);
    expect(going.offer(READER, {}, [second, third]).map((found) => found.row.name)).toEqual([
      'esxi_b',
      'esxi_c',
    ]);
    expect(going.offer(READER, {}, [])).toEqual([]);
    // The clock is looked at only for collectors with such rows.
    expect(going.results().map(({ durationMs }) => durationMs)).toEqual([5, 5]);
  });

  it('counts the items of which an own metric could not be made, for whatever reason', () => {
    const own = (name: string, rest: Parameters<typeof row>[1] = {}): MetricRow => ({
      ...row(name, rest),
      isOwn: true,
    });
    const nothing = { points: [], warnings: [] };
    const throws = () => {
      throw new Error('odd');
    };
    const going = run(
      [
        'own',
        own('warned', { evaluate: () => ({ ...nothing, warnings: ['a', 'b'] }) }),
        own('lacking', { evaluate: () => ({ ...nothing, lacks: ['System.Read' as const] }) }),
        own('thrown', { evaluate: throws }),
        own('missed', { needs: ['services'] }),
        own('sound', { evaluate: () => ({ ...nothing, lacks: [] }) }),
      ],
      ['built-in', row('esxi_a', { evaluate: throws })],
    );
    going.offer(READER, 1);
    going.offer(READER, 2);
    going.miss(READER, 'services', 'it hung');
    const [own_, builtIn] = going.results();
    expect(own_?.missed).toEqual([
      ['warned', 2],
      ['lacking', 2],
      ['thrown', 2],
      ['missed', 1],
    ]);
    expect(builtIn).not.toHaveProperty('missed');
  });

  it('counts the items of which a privilege is lacked, once however many rows and readers it is', () => {
    const denied = { evaluate: () => ({ points: [], warnings: [], lacks: ['System.Read' as const] }) };
    const going = run(['x', row('esxi_a', denied), row('esxi_b', denied)]);
    going.offer(READER, undefined);
    going.offer(READER, undefined);
    going.lack(READER, 'System.Read');
    going.lack(OTHER, 'System.Read');
    expect(going.results()).toMatchObject([{ success: 1, warnings: [], lacks: [['System.Read', 3]] }]);
  });

  it('reports a collector of which no row was evaluated as a success without duration', () => {
    expect(run(['idle', row('esxi_a')]).results()).toEqual([
      { collector: 'idle', success: 1, durationMs: 0, warnings: [], lacks: [] },
    ]);
  });

  it('says once an item what several rows say of it, counts equal warnings, and bounds different ones', () => {
    const evaluate = (value: unknown) => ({
      points: [],
      warnings: ['denied', `odd ${String(value)} ${'x'.repeat(999)}`],
    });
    const going = run(['talkative', row('esxi_a', { evaluate }), row('esxi_b', { evaluate })]);
    for (let index = 0; index < 100; index += 1) going.offer(READER, index);
    const warnings = going.results()[0]?.warnings ?? [];
    expect(warnings[0]).toEqual({ text: 'denied', count: 100 });
    expect(warnings.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect(warnings.length).toBe(21);
    // A text that is counted already stays where it is, however many there are.
    expect(warnings.at(-1)).toEqual({ text: 'further warnings', count: 81 });
    expect(Math.max(...warnings.map(({ text }) => text.length))).toBe(300);
  });

  it('fails the collectors that need what was missed, counts why, and leaves the others alone', () => {
    const going = run(
      ['hit', row('esxi_a', { reader: OTHER, needs: ['services', 'uptime'] }), row('esxi_b')],
      ['spared', row('esxi_c', { reader: OTHER, needs: ['services'] })],
      ['of another reader', row('esxi_d', { needs: ['uptime'] })],
    );
    for (const why of ['it hung', 'it hung', 'it is missing']) going.miss(OTHER, 'uptime', why);
    expect(going.offer(OTHER, {}).map((found) => found.row.name)).toEqual(['esxi_a', 'esxi_c']);
    expect(going.results().map(({ success, warnings }) => [success, warnings])).toEqual([
      [
        0,
        [
          { text: 'it hung', count: 2 },
          { text: 'it is missing', count: 1 },
        ],
      ],
      [1, []],
      [1, []],
    ]);
  });
});
