import { expect, it } from 'vitest';
import { otelRows } from '../../../lib/catalogue/otel/otel.ts';
import { costOf } from '../../../lib/cli/reader-costs.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { READERS, TARGET_READERS } from '../../../lib/readers/readers.ts';

const OF_ROWS = [...COLLECTORS.flatMap(({ rows }) => rows), ...otelRows('mixin')].map(
  ({ source }) => source.reader,
);
const FACTS = [...READERS, ...TARGET_READERS].map(({ facts }) => facts).concat(OF_ROWS);
const ALL = [...new Map(FACTS.map((facts) => [facts.name, facts])).values()];
const ofStranger = (runs: (typeof ALL)[number]['runs']) => costOf({ name: 'stranger', runs });

it.each(ALL)('the reader $name tells a cost of its own, not that of any reader at its place', (facts) => {
  expect(costOf(facts)).not.toBe(ofStranger(facts.runs));
});

it('no two readers tell the same cost', () => {
  expect(new Set(ALL.map(costOf)).size).toBe(ALL.length);
});

it.each([
  ['read', /^calls of the batches/],
  ['ask', /only ssh session/],
  ['sweep', /per run$/],
  ['merge', /^no call/],
] as const)('a reader without a cost of its own tells that of its place, %s', (runs, cost) => {
  expect(ofStranger(runs)).toMatch(cost);
});
