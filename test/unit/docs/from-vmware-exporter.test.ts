import { describe, expect, it } from 'vitest';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { INTENDED_DIFFERENCES } from '../../peers/catalogue/intended-differences.ts';
import { VMWARE_EXPORTER_COUNTERS, VMWARE_EXPORTER_NAMES } from '../catalogue/vmware-exporter-names.ts';
import { readPage, sectionOf, tableRows } from './pages.ts';

const PAGE = 'docs/from-vmware-exporter.md';

describe(PAGE, () => {
  it('has every intended difference, which a peer test shows, and no other', () => {
    const rows = tableRows(sectionOf(PAGE, 'What differs on purpose'));
    expect(rows.map(([difference]) => difference)).toEqual(INTENDED_DIFFERENCES.map((one) => one.difference));
  });

  it('names collectors that make every metric of what it collected', () => {
    const rows = tableRows(sectionOf(PAGE, 'What to collect'));
    const named = new Set(
      rows.flatMap(([, ours = '']) => Array.from(ours.matchAll(/`([\w-]+)`/g), ([, name]) => name)),
    );
    const made = COLLECTORS.filter(({ name }) => named.has(name)).flatMap(({ metrics }) =>
      metrics.map((one) => one.name),
    );
    const theirs = [
      ...Object.keys(VMWARE_EXPORTER_NAMES),
      ...(['host', 'vm'] as const).flatMap((kind) =>
        VMWARE_EXPORTER_COUNTERS[kind].map((name) => `vmware_${kind}_${name.replaceAll('.', '_')}`),
      ),
    ];
    expect(made).toEqual(expect.arrayContaining(theirs));
    expect(readPage(PAGE)).toContain(`${theirs.length} of the 95 metrics`);
  });
});
