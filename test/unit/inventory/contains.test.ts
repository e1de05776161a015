import { describe, expect, it } from 'vitest';
import { containsOf, keyInside, keyOfContainer } from '../../../lib/inventory/contains.ts';

const listed = (name: string, facts: Parameters<typeof keyInside>[1]['facts'] = {}) => ({ name, facts });

describe('what is in an object', () => {
  it('is told by its name in the same datacenter', () => {
    const cluster = keyOfContainer('cluster', listed('c1', { datacenter: 'north' }));
    expect(keyInside('cluster', listed('vm', { datacenter: 'north', cluster: 'c1' }))).toBe(cluster);
    expect(keyInside('cluster', listed('vm', { datacenter: 'south', cluster: 'c1' }))).not.toBe(cluster);
    expect(keyInside('cluster', listed('vm', { datacenter: 'north', cluster: 'c2' }))).not.toBe(cluster);
  });

  it('is nothing where it is in no object of the kind', () => {
    expect(keyInside('cluster', listed('vm', { datacenter: 'north', cluster: '' }))).toBeUndefined();
    expect(keyInside('host', listed('vm', { datacenter: 'north' }))).toBeUndefined();
  });

  it('is all that is listed of a vCenter', () => {
    expect(keyInside('vcenter', listed('vm'))).toBe(keyOfContainer('vcenter', listed('vc01')));
  });

  it('cannot be told of resource pools, whose names repeat in each cluster', () => {
    expect([containsOf('resource-pool'), containsOf('datastore-cluster'), containsOf('vcenter')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
