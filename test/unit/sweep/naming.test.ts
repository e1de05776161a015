import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { derived } from '../../../lib/catalogue/sources/property.ts';
import type { KindListing, KindName } from '../../../lib/inventory/kind.ts';
import { createColumns } from '../../../lib/sweep/columns.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import { createNaming } from '../../../lib/sweep/result/naming.ts';

const facts = (key: string) => ({ datacenter: 'dc', cluster: 'c', folder: 'f', key });
const items = (kind: string, names: readonly string[]) =>
  names.map((name, index) => ({ moref: `${kind}-${index}`, name, facts: facts(`key-${index}`) }));
const others = new Map<KindName, KindListing>([
  // Names of two are equal, as in two folders.
  ['vm', { items: items('vm', ['a', 'b', 'a', 'c']), unreadable: [] }],
  ['datastore', { items: items('datastore', ['fast', 'slow']), unreadable: [] }],
]);
const named = nameItems({ name: 'vc', site: 's' }, { hosts: [], listed: [], others });

const row = (labels: readonly string[], references?: MetricRow['references']): MetricRow => ({
  name: 'vmware_vm_x',
  help: 'x',
  unit: 'number',
  privilege: 'System.Read',
  since: '2.0',
  kind: 'vm',
  preset: 'vmware_exporter',
  labels,
  ...(references === undefined ? {} : { references }),
  source: derived(['name'], () => ({ points: [], warnings: [] })),
});
const ROWS = [
  row([]),
  row(['disk']),
  row(['disk', 'ds'], { ds: { kind: 'datastore', by: 'moref' } }),
  row(['ds', 'disk'], {
    ds: { kind: 'datastore', by: 'key', print: (value, find) => `${value} ${find(value)?.name}` },
  }),
];
const word = fc.constantFrom('datastore-0', 'datastore-1', 'datastore-9', 'key-1', '', 'x"y');
const points = fc.array(
  fc.record({ item: fc.nat(3), labels: fc.array(word, { minLength: 2, maxLength: 2 }), value: fc.integer() }),
  { maxLength: 30 },
);

describe('createNaming', () => {
  it('gives points of columns the labels that it gives each of them, however often and in whatever order it is asked', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ROWS), points, fc.boolean(), (one, made, withMoid) => {
        const naming = createNaming(named, { moid: withMoid });
        const columns = createColumns();
        const own = (labels: readonly string[]) => labels.slice(0, one.labels.length);
        for (const { item, labels, value } of made) columns.add(item, one, [{ labels: own(labels), value }]);
        const expected = made.map(({ item, labels, value }) =>
          naming(one).ofPoint(`vm-${item}`, own(labels), value),
        );
        const morefs = ['vm-0', 'vm-1', 'vm-2', 'vm-3'];
        const found = columns.takeFamilies().flatMap((family) => {
          const list = naming(one).ofFamily(family, morefs);
          return [...list].map((sample, index) => {
            expect(list.at(list.length - 1 - index)).toEqual([...list].at(-1 - index));
            return sample;
          });
        });
        expect(found).toEqual(expected);
      }),
    );
  });

  it('gives items of two batches that stand at one place of them their own names', () => {
    const [plain] = ROWS as [MetricRow];
    const columns = createColumns();
    columns.add(0, plain, [{ labels: [], value: 1 }]);
    const [family] = columns.takeFamilies();
    const { ofFamily } = createNaming(named)(plain);
    const nameOf = (moref: string) => family && ofFamily(family, [moref]).at(0)?.sample.labels.at(0);
    expect([nameOf('vm-1'), nameOf('vm-3')]).toEqual(['b', 'c']);
  });

  it('makes nothing of an item that nobody listed', () => {
    expect(createNaming(named)(row([])).ofPoint('vm-77', [], 1)).toBeUndefined();
  });
});
