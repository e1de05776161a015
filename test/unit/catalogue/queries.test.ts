import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { queriesOf } from '../../support/queries.ts';

const ROWS = new Map([...COLLECTORS.flatMap(({ rows }) => rows), ...OTEL].map((row) => [row.name, row]));

describe.each(['vsphere-mixin', 'vmware-exporter', 'awesome-prometheus-alerts'])(
  'the queries of %s',
  (fixture) => {
    it.each(queriesOf(fixture))('ask for metrics and labels that there are: $text', ({ alternatives }) => {
      const selectors = alternatives.flat();
      expect(selectors).not.toEqual([]);
      for (const { metric, matchers } of selectors) {
        const row = ROWS.get(metric);
        expect([metric, row?.isQueried]).toEqual([metric, true]);
        const labels = matchers.map(({ label }) => label);
        expect(row === undefined ? [] : definitionOf(row).labels).toEqual(expect.arrayContaining(labels));
      }
    });
  },
);

describe('the preset otel', () => {
  it('is what the vsphere-mixin asks for, and no more', () => {
    const asked = queriesOf('vsphere-mixin').flatMap(({ alternatives }) => alternatives.flat());
    expect(new Set(asked.map(({ metric }) => metric))).toEqual(new Set(OTEL.map(({ name }) => name)));
  });
});
