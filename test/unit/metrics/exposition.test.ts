import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EXPOSITION_CONTENT_TYPE,
  encodeExposition,
  printExposition,
} from '../../../lib/metrics/encode-exposition.ts';
import type { Family, MetricDefinition } from '../../../lib/metrics/family.ts';
import { encodeWithPromClient } from '../../support/encode-with-prom-client.ts';
import { parseExposition } from '../../support/exposition.ts';

const definition = (name: string, labels: readonly string[] = ['host']): MetricDefinition => ({
  name,
  help: `help of ${name}`,
  labels,
});

const family = (
  name: string,
  rows: readonly (readonly [labels: readonly string[], value: number])[],
): Family => ({
  definition: definition(name, ['host', 'service']),
  samples: rows.map(([labels, value]) => ({ metric: name, labels, value })),
});

const anyText = fc.string({ unit: 'binary', maxLength: 12 });
/** Texts of the characters that mean something to the format or to prom-client's own bookkeeping. */
const awkwardText = fc.string({
  unit: fc.constantFrom('\\', '"', '\n', '\r', ',', ':', '{', '}', '=', ' ', 'n', '\ud800'),
});
const labelValue = fc.oneof(anyText, awkwardText);
const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    5e-324,
    1.7e308,
    2 ** 53,
    1e21,
    1e-7,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ),
);
const labelNames = fc.uniqueArray(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/), { maxLength: 4 });

const anyFamily: fc.Arbitrary<Family> = fc
  .record({
    name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/),
    help: labelValue.filter((text) => text !== ''),
    labels: labelNames,
  })
  .chain((metric) => {
    const { length } = metric.labels;
    const row = fc.record({
      metric: fc.constant(metric.name),
      labels: fc.array(labelValue, { minLength: length, maxLength: length }),
      value: anyNumber,
    });
    return fc.array(row, { maxLength: 6 }).map((samples) => ({ definition: metric, samples }));
  });
const families = fc.uniqueArray(anyFamily, { selector: ({ definition }) => definition.name, maxLength: 4 });

describe('encodeExposition', () => {
  it('prints byte for byte what prom-client prints, but for the spelling of NaN', async () => {
    await fc.assert(
      fc.asyncProperty(families, async (made) => {
        const sorted = made.toSorted((one, other) => (one.definition.name < other.definition.name ? -1 : 1));
        const expected = Buffer.from(await encodeWithPromClient(sorted)).toString();
        expect(printExposition(made)).toBe(expected.replaceAll(/ Nan$/gm, ' NaN'));
      }),
    );
  });

  it('prints what a strict parser reads back, for label values and helps of any text', () => {
    const distinct = families.map((made) =>
      made.map(({ definition, samples }) => ({ definition, samples: distinctSeries(samples) })),
    );
    fc.assert(
      fc.property(distinct, (made) => {
        const expected = made
          .toSorted((left, right) => (left.definition.name < right.definition.name ? -1 : 1))
          .flatMap(({ definition: { name, help, labels: names }, samples }) =>
            samples.map(({ labels, value }) => ({
              name,
              labels: Object.fromEntries(names.map((label, at) => [label, labels[at]?.toWellFormed()])),
              // The format has no negative zero worth keeping.
              value: value + 0,
              help: help.toWellFormed(),
              type: 'gauge',
            })),
          );
        expect(parseExposition(printExposition(made))).toEqual(expected);
      }),
    );
  });

  it('ends every chunk between two lines, none of them large, whatever the number of series', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [[`höst-${n}`, '\ud83d\ude00'], n] as const);
    const made = [family('esxi_x', rows), family('esxi_y', rows)];
    const chunks = Array.from(encodeExposition(made));
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.every((chunk) => chunk.at(-1) === 10 && chunk.length < 128 * 1024)).toBe(true);
    expect(chunks.slice(0, -1).every((chunk) => chunk.toString().length >= 64 * 1024)).toBe(true);
    const lines = (name: string) =>
      rows.map(([[host, service], n]) => `${name}{host="${host}",service="${service}"} ${n}\n`).join('');
    const head = (name: string) => `# HELP ${name} help of ${name}\n# TYPE ${name} gauge\n`;
    expect(Buffer.concat(chunks).toString()).toBe(
      `${head('esxi_x')}${lines('esxi_x')}\n${head('esxi_y')}${lines('esxi_y')}`,
    );
  });

  it('puts an empty line before a family that begins a chunk', () => {
    // The first line of the second family is the first of its chunk.
    const long = family('esxi_x', [[['h'.repeat(64 * 1024), 's'], 1]]);
    const [, second] = Array.from(encodeExposition([long, family('esxi_y', [[['h', 's'], 1]])]), String);
    expect(second).toBe(
      '\n# HELP esxi_y help of esxi_y\n# TYPE esxi_y gauge\nesxi_y{host="h",service="s"} 1\n',
    );
  });

  it('says of a metric what it counts over runs', () => {
    const counter: Family = {
      definition: { name: 'a_total', help: 'a\\b\nc', labels: [], type: 'counter' },
      samples: [],
    };
    expect(printExposition([counter])).toBe('# HELP a_total a\\\\b\\nc\n# TYPE a_total counter\n');
  });

  it('sorts any number of families, by the code units of their names', () => {
    const names = ['esxi_c', 'esxi_B', 'esxi_a', 'esxi_d', 'esxi_aa'];
    const text = printExposition(names.map((name) => family(name, [])));
    expect([...text.matchAll(/# TYPE (\w+)/g)].map(([, name]) => name)).toEqual([
      'esxi_B',
      'esxi_a',
      'esxi_aa',
      'esxi_c',
      'esxi_d',
    ]);
  });

  it('makes nothing before it is asked for it', () => {
    const unread = { definition: definition('esxi_b'), samples: unreadable() };
    const first = encodeExposition([manySeries('esxi_a'), unread]).next();
    expect(first.done).toBe(false);
  });

  it('writes the time of a sample that has one, in milliseconds', () => {
    const timed: Family = {
      definition: definition('esxi_x'),
      samples: [
        { metric: 'esxi_x', labels: ['a'], value: 1, timeMs: 1_764_375_600_123 },
        { metric: 'esxi_x', labels: ['b'], value: Number.NaN, timeMs: 0 },
        { metric: 'esxi_x', labels: ['c'], value: 3 },
      ],
    };
    const lines = printExposition([timed]).split('\n').slice(2, 5);
    expect(lines).toEqual([
      'esxi_x{host="a"} 1 1764375600123',
      'esxi_x{host="b"} NaN 0',
      'esxi_x{host="c"} 3',
    ]);
  });

  it('sorts families by name and ends the last line', () => {
    const text = printExposition([family('esxi_b', [[['h', 's'], 2]]), family('esxi_a', [[['h', 's'], 1]])]);
    expect(text).toBe(
      [
        '# HELP esxi_a help of esxi_a',
        '# TYPE esxi_a gauge',
        'esxi_a{host="h",service="s"} 1',
        '',
        '# HELP esxi_b help of esxi_b',
        '# TYPE esxi_b gauge',
        'esxi_b{host="h",service="s"} 2',
        '',
      ].join('\n'),
    );
  });

  // https://prometheus.io/docs/instrumenting/exposition_formats/#basic-info
  it('is text format 0.0.4 in UTF-8, by the type that is said of it', () => {
    expect(EXPOSITION_CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('is empty for no families', () => {
    expect(Array.from(encodeExposition([]))).toEqual([]);
  });

  it('rejects a sample with too few label values or too many, and names the labels', () => {
    expect(() => printExposition([family('esxi_x', [[['h'], 1]])])).toThrow(
      expect.objectContaining({
        name: 'MetricsError',
        code: 'label-count',
        message: 'metric esxi_x: a sample has 1 label values, its labels are host, service',
      }),
    );
    const sample = { metric: 'vsweep_x', labels: ['h'], value: 1 };
    expect(() => printExposition([{ definition: definition('vsweep_x', []), samples: [sample] }])).toThrow(
      'metric vsweep_x: a sample has 1 label values, its labels are none',
    );
  });

  it.each([
    [
      'a name with a line break',
      'esxi_x 1\nesxi_y',
      ['host'],
      '"esxi_x 1\\nesxi_y" is no name of a metric; use letters, digits and _, and no digit in front',
    ],
    [
      'a name that begins with a digit',
      '1esxi',
      [],
      '"1esxi" is no name of a metric; use letters, digits and _, and no digit in front',
    ],
    [
      'a label with a quote',
      'esxi_x',
      ['host', 'a"'],
      '"a\\"" is no name of a label; use letters, digits and _, and no digit in front',
    ],
    [
      'a label with a colon',
      'esxi_x',
      ['a:b'],
      '"a:b" is no name of a label; use letters, digits and _, and no digit in front',
    ],
    ['a label twice', 'esxi_x', ['host', 'host'], 'a label is named twice: host, host'],
  ])('rejects %s', (_what, name, labels, words) => {
    expect(() => printExposition([{ definition: definition(name, labels), samples: [] }])).toThrow(
      expect.objectContaining({ code: 'bad-name', message: `metric ${name}: ${words}` }),
    );
  });

  it('rejects two families of one name', () => {
    const twice = [family('esxi_x', [[['h', 's'], 1]]), family('esxi_x', [[['h', 't'], 1]])];
    expect(() => printExposition(twice)).toThrow(
      expect.objectContaining({
        code: 'duplicate-definition',
        metric: 'esxi_x',
        message: 'metric esxi_x: two families have this name; merge them first',
      }),
    );
  });
});

/** Those that differ in more than what UTF-8 leaves of them. */
const distinctSeries = (samples: Family['samples']) => [
  ...new Map(
    Array.from(
      samples,
      (one) => [JSON.stringify(one.labels.map((text) => text.toWellFormed())), one] as const,
    ),
  ).values(),
];

function manySeries(name: string): Family {
  return family(
    name,
    Array.from({ length: 5_000 }, (_, n) => [[`host-${n}`, 's'], 1] as const),
  );
}

/** Samples that nobody may look at. */
const unreadable = (): Family['samples'] =>
  new Proxy([], {
    get(samples, key) {
      if (key === Symbol.iterator) throw new Error('read too early');
      return Reflect.get(samples, key);
    },
  });

describe('parseExposition', () => {
  it.each([
    ['a last line without an end', 'a 1'],
    ['a timestamp', 'a 1 1700000000000\n'],
    ['a series twice', 'a{x="1",y="2"} 1\na{y="2",x="1"} 1\n'],
    ['a scattered family', 'a 1\nb 1\na{x="1"} 1\n'],
    ['a second HELP', '# HELP a x\n# HELP a y\na 1\n'],
    ['TYPE after samples', 'a 1\n# TYPE a gauge\n'],
    ['an unknown type', '# TYPE a thing\n'],
    ['an unknown escape', 'a{x="\\t"} 1\n'],
    ['a label twice', 'a{x="1",x="2"} 1\n'],
    ['labels without a comma', 'a{x="1"y="2"} 1\n'],
    ['a value that is no number', 'a Nan\n'],
    ['a carriage return', 'a 1\r\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseExposition(text)).toThrow(/line|last/);
  });

  it('reads the summaries and histograms of other peers as one family', () => {
    const text =
      '# TYPE a summary\na{quantile="0.5"} NaN\na_sum 1.5e+09\na_count 2\n# TYPE b gauge\nb +Inf\n';
    expect(parseExposition(text).map(({ name, value, type }) => [name, value, type])).toEqual([
      ['a', Number.NaN, 'summary'],
      ['a_sum', 1.5e9, 'summary'],
      ['a_count', 2, 'summary'],
      ['b', Number.POSITIVE_INFINITY, 'gauge'],
    ]);
  });
});
