import { describe, expect, it } from 'vitest';
import { compileOwn } from '../../../../lib/collectors/own/compile-own.ts';
import type { OwnReading } from '../../../../lib/collectors/own/own-probes.ts';
import { ownProbeOf } from '../../../../lib/collectors/own/own-probes.ts';
import type { OwnMetricConfig } from '../../../../lib/config/own-metrics.ts';

type Cell = string | number | boolean;

/** What a metric makes of what its command said: series as labels and value, then warnings. */
function made(metric: OwnMetricConfig, reading: OwnReading) {
  const row = compileOwn({ name: 'own', metric, preset: 'vmware_exporter' });
  const probe = ownProbeOf(metric);
  if (row === undefined || probe === undefined) throw new RangeError('no row');
  const { points, warnings } = row.source.evaluate(new Map([[probe.name, reading]]));
  return [...points.map(({ labels, value }) => [...labels, value]), ...warnings];
}

const ofText = (metric: OwnMetricConfig, printed: string) =>
  made(metric, { kind: 'text', lines: printed.split('\n') });

/** Of rows whose columns are named as `readEsxcli` names them. */
const ofRows = (metric: OwnMetricConfig, ...rows: readonly Readonly<Record<string, Cell>>[]) =>
  made(metric, { kind: 'rows', rows: rows.map((row) => new Map(Object.entries(row))) });

const DATE: OwnMetricConfig = { ssh: ['date', '+%s'] };
const WC: OwnMetricConfig = { ssh: ['wc', '-l', '/var/run/log/hostd.log'] };
const LIST: OwnMetricConfig = {
  esxcli: 'system visorfs ramdisk list',
  each: true,
  value: 'used',
  labels: { disk: 'name' },
};
const NO_NUMBER = 'own: the command printed no number';

describe('the number that a command of ssh prints', () => {
  it.each<[string, number]>([
    ['0', 0],
    [' -12\n', -12],
    ['1.25', 1.25],
    ['9'.repeat(20), 1e20],
    [`0.${'5'.repeat(20)}`, 5 / 9],
  ])('of %j is %d', (printed, value) => {
    expect(ofText(DATE, printed)).toEqual([[value]]);
  });

  it.each(['', '1.', '.5', '1e3', '+1', '0x10', 'x1', '1x', '1.5x', '1\n2', '17 Dec', '9'.repeat(21)])(
    'is none in %j',
    (printed) => {
      expect(ofText(DATE, printed)).toEqual([NO_NUMBER]);
    },
  );

  it('has at most 20 decimals', () => {
    expect(ofText(DATE, `0.${'5'.repeat(21)}`)).toEqual([NO_NUMBER]);
  });

  it('of wc is what stands before the file, and nothing that stands later', () => {
    expect(ofText(WC, '  12 /var/run/log/hostd.log')).toEqual([[12]]);
    expect(ofText(WC, '12 /a b\n13 /c')).toEqual([[12]]);
    expect(ofText(WC, 'wc: 1 file is missing')).toEqual([NO_NUMBER]);
    const test = { matches: '^wc: 1 file is missing$' };
    expect(ofText({ ...WC, test }, 'wc: 1 file is missing')).toEqual([[1]]);
  });

  it('is scaled, as is the number of lines that match', () => {
    expect(ofText({ ...DATE, scale: 3 }, '4')).toEqual([[12]]);
    const ssh = ['ls', '-1', '/var/core'];
    expect(ofText({ ssh, count: '^z', scale: 3 }, 'za\naz\nzb')).toEqual([[6]]);
  });
});

describe('the rows of a command of esxcli', () => {
  it('have a column where any row has it', () => {
    expect(ofRows(LIST, { name: 'a', used: 4 }, { name: 'b' })).toEqual([['a', 4]]);
    expect(ofRows({ ...LIST, unset: 9 }, { name: 'a' }, { name: 'b', used: 4 })).toEqual([
      ['a', 9],
      ['b', 4],
    ]);
  });

  it.each<[OwnMetricConfig, string]>([
    [{ ...LIST, value: 'usde' }, 'usde'],
    [{ ...LIST, divide: 'most' }, 'most'],
    [{ ...LIST, labels: { disk: 'nome' } }, 'nome'],
    [{ ...LIST, value: 'usde', divide: 'most' }, 'usde'],
  ])('lack a column that %j needs, and are named with those that they have', (metric, column) => {
    expect(ofRows(metric, { name: 'a', used: 4 }, { other: 1, name: 'a', used: 4 })).toEqual([
      `own: the command has no column "${column}"; it has name, used`,
    ]);
  });

  it('are named by twelve columns at most', () => {
    const row = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`c${index}`, index]));
    expect(ofRows(LIST, row)).toEqual([
      'own: the command has no column "used"; it has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11',
    ]);
  });

  it('have no value where it is empty or N/A, or the one of unset', () => {
    const rows = [
      { name: 'a', used: '' },
      { name: 'b', used: ' N/A ' },
      { name: 'c', used: 5 },
    ];
    expect(ofRows(LIST, ...rows)).toEqual([['c', 5]]);
    expect(ofRows({ ...LIST, unset: 0 }, ...rows)).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 5],
    ]);
  });

  it('are taken whole up to max, and cut beyond it with one warning', () => {
    const rows = [1, 2, 3].map((used) => ({ name: `d${used}`, used }));
    expect(ofRows({ ...LIST, max: 3 }, ...rows)).toEqual([
      ['d1', 1],
      ['d2', 2],
      ['d3', 3],
    ]);
    expect(ofRows({ ...LIST, max: 2 }, ...rows)).toEqual([
      ['d1', 1],
      ['d2', 2],
      'own: the command has more than 2 rows; the rest is left out',
    ]);
  });

  it('are 256 where nothing says how many', () => {
    const rows = Array.from({ length: 257 }, (_, used) => ({ name: 'd', used }));
    expect(ofRows(LIST, ...rows.slice(1))).toHaveLength(256);
    expect(ofRows(LIST, ...rows).at(-1)).toBe(
      'own: the command has more than 256 rows; the rest is left out',
    );
  });

  it('say once that values are no number, beside the series of those that are', () => {
    const rows = ['x', 'y', 7].map((used, index) => ({ name: `d${index}`, used }));
    expect(ofRows(LIST, ...rows)).toEqual([['d2', 7], 'own: a value is no number']);
  });

  it('are true or false, times the scale and over the divisor as numbers are', () => {
    const metric = { ...LIST, scale: 6, divide: 'size' };
    expect(ofRows(metric, { name: 'a', used: 'true', size: 3 }, { name: 'b', used: false, size: 3 })).toEqual(
      [
        ['a', 2],
        ['b', 0],
      ],
    );
  });

  it('are counted by all that is no secret, scaled', () => {
    const count: OwnMetricConfig = { esxcli: 'system settings advanced list', count: '.', scale: 10 };
    expect(ofRows(count, { stringvalue: 'hunter2' }, { path: '/a', stringvalue: 'b' })).toEqual([[10]]);
  });

  it('are one series without labels where one row is the value', () => {
    const metric: OwnMetricConfig = { esxcli: 'system ntp get', value: 'port' };
    expect(ofRows(metric, { port: 123 })).toEqual([[123]]);
    expect(ofRows(metric)).toEqual([]);
  });
});
