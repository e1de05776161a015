import { describe, expect, it } from 'vitest';
import { containsOf, hasUnknownPlace, keyInside, keyOfContainer } from '../../../lib/inventory/contains.ts';

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

  it.each([
    ['host', 'host'],
    ['datastore', 'datastore'],
    ['cluster', 'cluster'],
    ['datastore-cluster', 'datastoreCluster'],
    ['distributed-switch', 'distributedSwitch'],
  ] as const)('of a %s has its name as the fact %s', (kind, fact) => {
    const container = keyOfContainer(kind, listed('x', { datacenter: 'north' }));
    expect(containsOf(kind)).toBe(true);
    expect(keyInside(kind, listed('one', { datacenter: 'north', [fact]: 'x' }))).toBe(container);
    expect(keyInside(kind, listed('one', { [fact]: 'x' }))).toBe(keyOfContainer(kind, listed('x')));
  });

  it.each(['resource-pool', 'vm', 'portgroup', 'alarm'] as const)(
    'cannot be told of a %s: its name may repeat in a datacenter',
    (kind) => {
      expect(containsOf(kind)).toBe(false);
      expect(keyInside(kind, listed('one', { datacenter: 'north', host: 'x' }))).toBeUndefined();
    },
  );

  it('can be told of a vCenter', () => {
    expect(containsOf('vcenter')).toBe(true);
  });

  it('is not known of a machine whose host cannot be seen', () => {
    expect(hasUnknownPlace('vm', listed('vm'))).toBe(true);
    expect(hasUnknownPlace('vm', listed('vm', { host: '' }))).toBe(true);
    expect(hasUnknownPlace('vm', listed('vm', { host: 'esx01' }))).toBe(false);
    expect(hasUnknownPlace('host', listed('esx01'))).toBe(false);
  });
});
