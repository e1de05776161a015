import { describe, expect, it } from 'vitest';
import { DEFAULT_PRESETS } from '../../../lib/collectors/pushed-rows.ts';
import { coverageOf } from '../../../lib/queries/coverage.ts';
import { knownSeries } from '../../../lib/queries/known-series.ts';
import { queriesOf } from '../../support/queries.ts';
import { codeOf, sectionOf, tableRows } from '../docs/pages.ts';

const COUNTS = tableRows(sectionOf('docs/coverage.md', 'Public rules and dashboards'));

/** The expressions of one of the public sources, as their file would have them (test/fixtures/queries has only these). */
function covered(fixture: string, preset: 'vmware_exporter' | 'otel') {
  const targets = queriesOf(fixture).map(({ text }) =>
    /^(?:label_values|query_result)\(/.test(text)
      ? { type: 'query', name: 'v', query: text }
      : { expr: text },
  );
  const text = JSON.stringify({ title: fixture, panels: [{ targets }] });
  const known = knownSeries([], { presets: { ...DEFAULT_PRESETS, preset: [preset] } });
  const [file] = coverageOf([{ file: fixture, text }], known, []);
  return { asked: targets.length, ...(file ?? { expressions: [] }) };
}

describe('public rules and dashboards', () => {
  it.each([
    ['vmware-exporter', 'vmware_exporter', []],
    ['awesome-prometheus-alerts', 'vmware_exporter', []],
    ['vsphere-mixin', 'otel', ['unreadable: vcenter_vm_memory_usage_mebibytes{,job=~"$job"}']],
  ] as const)('have what docs/coverage.md says: %s under the names of %s', (fixture, preset, expected) => {
    const { asked, expressions } = covered(fixture, preset);
    const faulty = expressions.filter(({ findings }) => findings.length > 0);
    expect(expressions).toHaveLength(asked);
    expect(faulty.map(({ text, findings }) => `${findings.map(({ kind }) => kind)}: ${text}`)).toEqual(
      expected,
    );
    const row = COUNTS.find(([name = '']) => codeOf(name) === fixture);
    expect(row?.slice(1, 4)).toEqual([preset, String(asked), String(expected.length)]);
  });

  it('have no answer under names that are not configured', () => {
    const { expressions } = covered('vsphere-mixin', 'vmware_exporter');
    const kinds = expressions.map(({ findings }) => [...new Set(findings.map(({ kind }) => kind))].join());
    expect(new Set(kinds)).toEqual(new Set(['not-configured', 'unreadable']));
  });
});
