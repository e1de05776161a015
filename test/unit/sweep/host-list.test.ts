import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostList, storedHostList, withLastKnown } from '../../../lib/sweep/listing/host-list.ts';
import { listedHost, T0 } from './builders.ts';

const list = (changes: Partial<HostList> = {}): HostList => ({
  listedAt: T0,
  hosts: [],
  unreadable: [],
  sites: {},
  ...changes,
});

describe('withLastKnown', () => {
  it('keeps the name of a host whose name did not come this time, and pretends to know nothing else', () => {
    const last = list({ hosts: [listedHost(1, { powerState: 'poweredOff', inMaintenanceMode: true })] });
    const now = withLastKnown({ hosts: [], unreadable: ['host-1', 'host-2'] }, T0 + 1, last);
    expect(now).toEqual({
      listedAt: T0 + 1,
      unreadable: ['host-2'],
      sites: {},
      hosts: [
        listedHost(1, {
          connectionState: 'unreadable',
          powerState: 'unreadable',
          inMaintenanceMode: undefined,
          lockdownMode: undefined,
        }),
      ],
    });
  });

  it('keeps the management address of a host whose configuration is gone', () => {
    const last = list({ hosts: [listedHost(1, { managementAddress: '10.0.0.1' })] });
    const gone = { hosts: [listedHost(1, { connectionState: 'notResponding' })], unreadable: [] };
    expect(withLastKnown(gone, T0, last).hosts[0]).toMatchObject({ managementAddress: '10.0.0.1' });
    const moved = { hosts: [listedHost(1, { managementAddress: '10.0.0.2' })], unreadable: [] };
    expect(withLastKnown(moved, T0, last).hosts[0]).toMatchObject({ managementAddress: '10.0.0.2' });
  });

  it('has every host of the fresh listing once, and no other', () => {
    const numbers = fc.uniqueArray(fc.nat(20));
    fc.assert(
      fc.property(numbers, fc.nat(20), numbers, (fresh, readable, known) => {
        const listing = {
          hosts: fresh.slice(0, readable).map((number) => listedHost(number)),
          unreadable: fresh.slice(readable).map((number) => `host-${number}`),
        };
        const now = withLastKnown(listing, T0, list({ hosts: known.map((number) => listedHost(number)) }));
        const morefs = [...now.hosts.map(({ moref }) => moref), ...now.unreadable];
        expect(morefs.toSorted()).toEqual(fresh.map((number) => `host-${number}`).toSorted());
      }),
    );
  });
});

describe('storedHostList', () => {
  it('gives back what was stored, and refuses what is something else', () => {
    const stored = {
      hosts: [listedHost(1), listedHost(2, { lockdownMode: undefined, managementAddress: '10.0.0.2' })],
      unreadable: ['host-3'],
      sites: { 'host-1': 'qa-de-1a' },
    };
    expect(storedHostList.parse(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
    expect(storedHostList.safeParse({ ...stored, hosts: [{ moref: 'host-1' }] }).success).toBe(false);
  });
});
