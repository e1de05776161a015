import { expect, it } from 'vitest';
import type { LabelOptions } from '../../../lib/catalogue/presets.ts';
import { RESOURCE_POOLS } from '../../../lib/catalogue/resource-pool.ts';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import type { KindListing, KindName } from '../../../lib/inventory/kind.ts';
import { findKind } from '../../../lib/inventory/kinds.ts';
import { toListing } from '../../../lib/inventory/list-inventory.ts';
import { keyOf } from '../../../lib/inventory/object-tree.ts';
import { deduplicate } from '../../../lib/metrics/deduplicate.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import { createNaming } from '../../../lib/sweep/result/naming.ts';
import type {
  MoRef,
  PropertyValue,
  RetrievedObject,
} from '../../../lib/vsphere/property/retrieved-object.ts';

const CLUSTER: MoRef = { type: 'ClusterComputeResource', value: 'domain-c1' };
const pool = (number: number): MoRef => ({ type: 'ResourcePool', value: `resgroup-${number}` });
const object = (moref: MoRef, name: string, properties: Record<string, PropertyValue>): RetrievedObject => ({
  moref,
  properties: new Map(Object.entries({ name, ...properties })),
  missing: new Map(),
});

/** Pools of a cluster, two of which have the same name and place in the same names. */
function poolSamples(options?: LabelOptions) {
  const objects = [
    object(CLUSTER, 'prod', {}),
    object(pool(1), 'Resources', { parent: CLUSTER, owner: CLUSTER }),
    ...[2, 3].map((number) => object(pool(number), `team-${number}`, { parent: pool(1), owner: CLUSTER })),
    // web below both of them, and db below each web.
    ...[4, 5].map((number) => object(pool(number), 'web', { parent: pool(number - 2), owner: CLUSTER })),
    ...[6, 7].map((number) => object(pool(number), 'db', { parent: pool(number - 2), owner: CLUSTER })),
  ];
  const listed = toListing(findKind('resource-pool'), new Map(objects.map((one) => [keyOf(one.moref), one])));
  const others = new Map<KindName, KindListing>([['resource-pool', listed]]);
  const named = nameItems({ name: 'vc', site: '' }, { hosts: [], listed: [], others });
  const [row] = RESOURCE_POOLS;
  if (row === undefined) throw new Error('no row');
  const { ofPoint } = createNaming(named, options)(row);
  const samples = listed.items.flatMap(({ moref }, index) => ofPoint(moref, [], index) ?? []);
  return { row, ...deduplicate(samples.toReversed()) };
}

it('resource pools of one name below pools of one name make one series, and the other is counted', () => {
  const { samples: kept, dropped } = poolSamples();
  // Of the two that are called db below web the older one.
  expect(Array.from(kept, ({ labels, value }) => [labels[0], labels[1], value])).toEqual([
    ['db', 'web', 5],
    ['web', 'team-3', 4],
    ['web', 'team-2', 3],
    ['team-3', 'Resources', 2],
    ['team-2', 'Resources', 1],
    ['Resources', '', 0],
  ]);
  expect(dropped).toBe(1);
});

it('objects of one name have a series each where the configuration asks for the managed object id', () => {
  const { row, samples, dropped } = poolSamples({ moid: true });
  const { labels } = definitionOf(row, { moid: true });
  expect(labels).toEqual([...definitionOf(row).labels, 'moid']);
  const ids = Array.from(samples, ({ labels: values }) => values[labels.indexOf('moid')]);
  expect(ids.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => `resgroup-${number}`));
  expect(dropped).toBe(0);
});
