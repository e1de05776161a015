import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXPOSITION_CONTENT_TYPE, encodeExposition } from '../../../lib/metrics/encode-exposition.ts';
import type { Family, MetricDefinition } from '../../../lib/metrics/family.ts';
import { parseExposition } from '../../support/exposition.ts';

const definition = (name: string, labels: readonly string[] = ['host']): MetricDefinition => ({
  name,
  help: `help of ${name}`,
  labels,
});

const family = (name: string, rows: readonly (readonly [labels: string[], value: number])[]): Family => ({
  definition: definition(name, ['host', 'service']),
  samples: rows.map(([labels, value]) => ({ metric: name, labels, value })),
});

const anyText = fc.string({ unit: 'binary', maxLength: 12 });
/** Texts of the characters that mean something to the format or to prom-client's own bookkeeping. */
const awkwardText = fc.string({
  unit: fc.constantFrom('\\', '"', '\n', '\r', ',', ':', '{', '}', '=', ' ', 'n'),
});
const labelValue = fc.oneof(anyText, awkwardText);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

const families: fc.Arbitrary<Family[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^esxi_[a-z]{1,8}$/),
      help: anyText.filter((text) => text !== ''),
      rows: fc.uniqueArray(
        fc.record({ labels: fc.array(labelValue, { minLength: 2, maxLength: 2 }), value: finite }),
        {
          selector: ({ labels }) => JSON.stringify(labels),
          minLength: 1,
          maxLength: 8,
        },
      ),
    }),
    { selector: ({ name }) => name, maxLength: 4 },
  )
  .map((made) =>
    made.map(({ name, help, rows }) => ({
      definition: { name, help, labels: ['host', 'service'] },
      samples: rows.map(({ labels, value }) => ({ metric: name, labels, value })),
    })),
  );

describe('encodeExposition', () => {
  it('prints what a strict parser reads back, for label values and helps of any text', async () => {
    await fc.assert(
      fc.asyncProperty(families, async (made) => {
        const expected = made
          .toSorted((left, right) => (left.definition.name < right.definition.name ? -1 : 1))
          .flatMap(({ definition: { name, help }, samples }) =>
            samples.map(({ labels: [host = '', service = ''], value }) => ({
              name,
              labels: { host, service },
              // The format has no negative zero worth keeping.
              value: value + 0,
              help,
              type: 'gauge',
            })),
          );
        expect(parseExposition(await encodeExposition(made))).toEqual(expected);
      }),
    );
  });

  it('keeps series apart whose label values look like prom-client separators', async () => {
    const text = await encodeExposition([
      family('esxi_x', [
        [['a,service:b', 'c'], 1],
        [['a', 'b,service:c'], 2],
      ]),
    ]);
    expect(parseExposition(text).map(({ value }) => value)).toEqual([1, 2]);
  });

  it('sorts families by name and ends the last line', async () => {
    const text = await encodeExposition([
      family('esxi_b', [[['h', 's'], 2]]),
      family('esxi_a', [[['h', 's'], 1]]),
    ]);
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

  it('prints one line for a metric without labels', async () => {
    const plain: Family = {
      definition: definition('vsweep_x', []),
      samples: [{ metric: 'vsweep_x', labels: [], value: 7 }],
    };
    expect(await encodeExposition([plain])).toContain('\nvsweep_x 7\n');
  });

  // https://prometheus.io/docs/instrumenting/exposition_formats/#basic-info
  it('is text format 0.0.4 in UTF-8, by the type that is said of it', () => {
    expect(EXPOSITION_CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('is empty for no families', async () => {
    expect(await encodeExposition([])).toBe('');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'rejects the value %s',
    async (value) => {
      await expect(encodeExposition([family('esxi_x', [[['h', 's'], value]])])).rejects.toMatchObject({
        name: 'MetricsError',
        code: 'not-finite',
        metric: 'esxi_x',
        message: `metric esxi_x: the value ${value} is no measurement; withhold the sample instead`,
      });
    },
  );

  it('rejects a sample with too few label values or too many, and names the labels', async () => {
    await expect(encodeExposition([family('esxi_x', [[['h'], 1]])])).rejects.toMatchObject({
      code: 'label-count',
      message: 'metric esxi_x: a sample has 1 label values, its labels are host, service',
    });
    const plain = { definition: definition('vsweep_x', []), samples: [] };
    const sample = { metric: 'vsweep_x', labels: ['h'], value: 1 };
    await expect(encodeExposition([{ ...plain, samples: [sample] }])).rejects.toMatchObject({
      message: 'metric vsweep_x: a sample has 1 label values, its labels are none',
    });
  });

  it('rejects two families of one name', async () => {
    const twice = [family('esxi_x', [[['h', 's'], 1]]), family('esxi_x', [[['h', 't'], 1]])];
    await expect(encodeExposition(twice)).rejects.toMatchObject({
      code: 'duplicate-definition',
      metric: 'esxi_x',
      message: expect.stringContaining('merge them first'),
    });
  });
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
