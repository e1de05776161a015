import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Evaluated, MetricRow } from '../../../lib/catalogue/row.ts';
import { PROPERTIES, type PropertyReading } from '../../../lib/catalogue/sources/property.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';

const ROWS = [...new Set(COLLECTORS.flatMap(({ rows }) => rows).flatMap((row) => row.source.over ?? row))]
  .filter(({ source }) => source.reader === PROPERTIES)
  .toSorted((one, other) => (one.name < other.name ? -1 : 1));

/** What rows ask for before they look at anything else. */
const STATES: Readonly<Record<string, string>> = {
  'runtime.connectionState': 'connected',
  'runtime.powerState': 'poweredOn',
};

/** What a property may hold that nobody declared so. */
const ODD: readonly PropertyValue[] = [
  true,
  -1,
  0,
  1.5,
  '',
  'x',
  '7',
  '2026-01-02T03:04:05.5Z',
  [],
  ['x', 5, {}],
  [[]],
  {},
  { key: 'x', value: {} },
];

function reading(row: MetricRow, of: (path: string) => PropertyValue | undefined, fault?: string) {
  const properties = new Map<string, PropertyValue>();
  const missing = new Map<string, string>();
  for (const path of row.source.needs.map(String)) {
    const value = of(path);
    if (value !== undefined) properties.set(path, value);
    else if (fault !== undefined) missing.set(path, fault);
  }
  return { moref: { type: 'Folder', value: 'group-d1' }, properties, missing } satisfies PropertyReading;
}

function told(row: MetricRow, read: PropertyReading): string {
  const { points, warnings, lacks = [] } = row.source.evaluate(read) as Evaluated;
  const made = points.map(({ labels, value }) => `${labels.join(' ')} ${value}`.trim());
  const all = [...made, ...lacks.map((one) => `lacks ${one}`), ...warnings];
  return all.length === 0 ? 'nothing' : all.join('; ');
}

const stateOf = (row: MetricRow) => (path: string) =>
  row.source.needs.length > 1 ? STATES[path] : undefined;

/** By what a row says, all that it says this of. */
function outcomes(row: MetricRow): string {
  const known = stateOf(row);
  const cases: readonly (readonly [name: string, read: PropertyReading])[] = [
    ['all refused', reading(row, () => undefined, 'NoPermission')],
    ['all broken', reading(row, () => undefined, 'InvalidState')],
    ['refused', reading(row, known, 'NoPermission')],
    ['broken', reading(row, known, 'InvalidState')],
    ['unset', reading(row, known)],
    ...ODD.map((value) => [JSON.stringify(value), reading(row, (path) => known(path) ?? value)] as const),
  ];
  const byOutcome = Map.groupBy(cases, ([, read]) => told(row, read));
  const lines = Array.from(
    byOutcome,
    ([outcome, of]) => `  ${of.map(([name]) => name).join(', ')}: ${outcome}\n`,
  );
  return `${row.name}\n${lines.join('')}`;
}

it('says of a value that is missing or of another form what odd-values.txt has: npx vitest run --project unit test/unit/catalogue --update renews it', async () => {
  const file = fileURLToPath(new URL('../../fixtures/catalogue/odd-values.txt', import.meta.url));
  await expect(ROWS.map(outcomes).join('')).toMatchFileSnapshot(file);
});
