import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import { PROCESS_METRICS } from '../../../lib/cli/process-metrics.ts';
import { LEGACY_METRICS } from '../../../lib/collectors/legacy-names.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { SELF_METRICS } from '../../../lib/sweep/result/self-metrics.ts';
import { MADE_PAGES, pageOf, renewMade } from '../../../tools/metrics-page.ts';
import { codeOf, readPage, sectionOf, tableRows } from './pages.ts';

const PAGES = MADE_PAGES.map(({ page }) => page);
const readAll = () => PAGES.map(readPage).join('\n');

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

describe('the pages of metrics', () => {
  it.each(MADE_PAGES)(
    '$page is as the catalogue has it now; npm run docs:metrics renews it',
    ({ page, print }) => {
      expect(readPage(page)).toBe(renewMade(readPage(page), print()));
    },
  );

  it('have every metric with its labels, and no other', () => {
    const expected = definitions.map(({ name, labels }) => ({ name, labels: [...labels] }));
    const byName = (one: { name?: string | undefined }, other: { name?: string | undefined }) =>
      (one.name ?? '') < (other.name ?? '') ? -1 : 1;
    expect(metricsIn(readAll()).toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  it.each(COLLECTORS)('have the metrics of $name under its name', (collector) => {
    const { name, metrics } = collector;
    expect(metricsIn(sectionOf(`docs/${pageOf(collector)}`, name)).map((one) => one.name)).toEqual(
      metrics.map((one) => one.name),
    );
  });

  it('say of each metric when it has no sample', () => {
    for (const row of tableRows(readAll()).filter(([name]) => codeOf(name) !== undefined)) {
      expect(row, row[0]).toHaveLength(4);
      expect(row[3], row[0]).not.toBe('');
    }
  });
});
