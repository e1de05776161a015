import { expect, it } from 'vitest';
import { RESOURCE_POOLS } from '../../../lib/catalogue/resource-pool.ts';
import type { KindListing, KindName } from '../../../lib/inventory/kind.ts';
import { findKind } from '../../../lib/inventory/kinds.ts';
import { toListing } from '../../../lib/inventory/list-inventory.ts';
import { keyOf } from '../../../lib/inventory/object-tree.ts';
import { deduplicate } from '../../../lib/metrics/deduplicate.ts';
import { createNaming, nameItems } from '../../../lib/sweep/result/named-items.ts';
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

it('resource pools of one name below pools of one name make one series, and the other is counted', () => {
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
  const nameSample = createNaming(named)(row);
  const samples = listed.items.flatMap(({ moref }, index) => nameSample(moref, [], index) ?? []);
  const { samples: kept, dropped } = deduplicate(samples.toReversed());
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
