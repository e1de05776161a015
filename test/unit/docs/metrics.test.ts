import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import { PROCESS_METRICS } from '../../../lib/cli/process-metrics.ts';
import { LEGACY_METRICS } from '../../../lib/collectors/legacy-names.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { SELF_METRICS } from '../../../lib/sweep/result/self-metrics.ts';
import { renewTables } from '../../../tools/metrics-page.ts';
import { codeOf, readPage, sectionOf, tableRows } from './pages.ts';

const PAGE = 'docs/metrics.md';

/** Name and labels of each metric in the tables of a text. */
function metricsIn(markdown: string) {
  return tableRows(markdown)
    .filter(([name]) => codeOf(name) !== undefined)
    .map(([name, labels = '']) => ({
      name: codeOf(name),
      labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label]) => label),
    }));
}

const definitions = [
  ...COLLECTORS.flatMap(({ metrics }) => metrics),
  ...OTEL.map((row) => definitionOf(row)),
  ...SELF_METRICS,
  ...LEGACY_METRICS,
  ...PROCESS_METRICS,
];

describe(PAGE, () => {
  it('has the tables of collectors as the catalogue has them now; npm run docs:metrics renews them', () => {
    expect(readPage(PAGE)).toBe(renewTables(readPage(PAGE)));
  });

  it('has every metric with its labels, and no other', () => {
    const expected = definitions.map(({ name, labels }) => ({ name, labels: [...labels] }));
    const byName = (one: { name?: string | undefined }, other: { name?: string | undefined }) =>
      (one.name ?? '') < (other.name ?? '') ? -1 : 1;
    expect(metricsIn(readPage(PAGE)).toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  it.each(COLLECTORS)('has the metrics of $name under its name', ({ name, metrics }) => {
    expect(metricsIn(sectionOf(PAGE, name)).map((one) => one.name)).toEqual(metrics.map((one) => one.name));
  });

  it('says of each metric when it has no sample', () => {
    for (const row of tableRows(readPage(PAGE)).filter(([name]) => codeOf(name) !== undefined)) {
      expect(row, row[0]).toHaveLength(4);
      expect(row[3], row[0]).not.toBe('');
    }
  });
});
