import { describe, expect, it } from 'vitest';
import { HOST } from '../../../lib/inventory/host.ts';
import { toListing } from '../../../lib/inventory/list-inventory.ts';
import { keyOf } from '../../../lib/inventory/object-tree.ts';
import { decodeName } from '../../../lib/vsphere/inventory/names.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';

function object(type: string, value: string, properties: Record<string, PropertyValue>): RetrievedObject {
  return { moref: { type, value }, properties: new Map(Object.entries(properties)), missing: new Map() };
}

const ABOVE = [
  object('Datacenter', 'dc-1', { name: 'Frankfurt%2fEast', parent: { type: 'Folder', value: 'group-d1' } }),
  object('Folder', 'group-h1', { parent: { type: 'Datacenter', value: 'dc-1' } }),
  object('Folder', 'group-h2', { parent: { type: 'Folder', value: 'group-h1' } }),
  object('ClusterComputeResource', 'c-1', {
    name: 'cluster%25',
    parent: { type: 'Folder', value: 'group-h2' },
  }),
  object('ComputeResource', 's-1', { name: 'esx02', parent: { type: 'Folder', value: 'group-h1' } }),
];

const READ = {
  name: 'esx01',
  parent: { type: 'ClusterComputeResource', value: 'c-1' },
  'runtime.connectionState': 'notResponding',
  'runtime.powerState': 'poweredOn',
  'runtime.inMaintenanceMode': true,
  'config.lockdownMode': 'lockdownStrict',
};

const listed = (objects: readonly RetrievedObject[]) =>
  toListing(HOST, new Map(objects.map((one) => [keyOf(one.moref), one])));

const listOne = (properties: Record<string, PropertyValue>) =>
  listed([...ABOVE, object('HostSystem', 'host-1', properties)]).items[0];

describe('a listed host', () => {
  it('gives the names of the cluster and of the datacenter above nested folders', () => {
    expect(listOne(READ)).toEqual({
      moref: 'host-1',
      name: 'esx01',
      connectionState: 'notResponding',
      powerState: 'poweredOn',
      inMaintenanceMode: true,
      lockdownMode: 'lockdownStrict',
      facts: { cluster: 'cluster%', datacenter: 'Frankfurt/East' },
      managementAddress: undefined,
    });
  });

  it('has no cluster for a host that stands alone', () => {
    const host = listOne({ ...READ, parent: { type: 'ComputeResource', value: 's-1' } });
    expect(host).toMatchObject({ facts: { cluster: '', datacenter: 'Frankfurt/East' } });
  });

  it('calls unreadable what did not come or is unknown, and never guesses', () => {
    const bare = { moref: 'host-1', name: 'esx01', facts: { cluster: '', datacenter: '' } };
    const unread = { connectionState: 'unreadable', powerState: 'unreadable' };
    expect(listOne({ name: 'esx01' })).toEqual({
      ...bare,
      ...unread,
      inMaintenanceMode: undefined,
      lockdownMode: undefined,
      managementAddress: undefined,
    });
    const strange = { 'runtime.connectionState': 'x', 'runtime.inMaintenanceMode': 'true', parent: 'c-1' };
    expect(listOne({ name: 'esx01', ...strange })).toMatchObject({ ...unread, inMaintenanceMode: undefined });
  });

  it('counts a host whose name did not come', () => {
    const listing = listed([object('HostSystem', 'host-1', READ), object('HostSystem', 'host-2', {})]);
    expect(listing.items.map((host) => host.moref)).toEqual(['host-1']);
    expect(listing.unreadable).toEqual(['host-2']);
  });

  it('is listed once when it came on two pages', () => {
    const twice = [object('HostSystem', 'host-1', READ), object('HostSystem', 'host-1', READ)];
    expect(listed(twice).items).toHaveLength(1);
  });

  it('looks 64 objects up, deeper than folders are nested anywhere', () => {
    const folder = (index: number, above: PropertyValue) => object('Folder', `f-${index}`, { parent: above });
    const under = (depth: number) => [
      ...Array.from({ length: depth }, (_, index) =>
        folder(index, { type: 'Folder', value: `f-${index + 1}` }),
      ),
      folder(depth, { type: 'Datacenter', value: 'dc-1' }),
      ...ABOVE,
      object('HostSystem', 'host-1', { ...READ, parent: { type: 'Folder', value: 'f-0' } }),
    ];
    expect(listed(under(62)).items[0]?.facts.datacenter).toBe('Frankfurt/East');
    expect(listed(under(63)).items[0]?.facts.datacenter).toBe('');
  });

  it('counts a host without a name in it, or with one that is no text', () => {
    const nameless = ['', 5].map((name, index) => object('HostSystem', `host-${index}`, { ...READ, name }));
    expect(listed(nameless)).toEqual({ items: [], unreadable: ['host-0', 'host-1'] });
  });

  it('has no name of a cluster or a datacenter that did not come', () => {
    const above = [
      object('ClusterComputeResource', 'c-1', { parent: { type: 'Datacenter', value: 'dc-1' } }),
      object('Datacenter', 'dc-1', {}),
      object('HostSystem', 'host-1', READ),
    ];
    expect(listed(above).items[0]).toMatchObject({ facts: { cluster: '', datacenter: '' } });
  });

  it.each([
    [{ 'config.service.service["TSM-SSH"].running': false }, false],
    [{ 'config.service.service["TSM-SSH"].running': true }, true],
    [{ 'config.service.service["TSM-SSH"].running': 'true' }, undefined],
    [{}, undefined],
  ])('says whether ssh runs when vCenter said it: %j', (properties, sshRunning) => {
    const host = listOne({ ...READ, ...properties });
    expect(host?.sshRunning).toBe(sshRunning);
    expect(host !== undefined && 'sshRunning' in host).toBe(sshRunning !== undefined);
  });

  it('ends in an inventory whose parents go in a circle', () => {
    const circle = [
      object('Folder', 'a', { parent: { type: 'Folder', value: 'b' } }),
      object('Folder', 'b', { parent: { type: 'Folder', value: 'a' } }),
      object('HostSystem', 'host-1', { ...READ, parent: { type: 'Folder', value: 'a' } }),
    ];
    expect(listed(circle).items[0]).toMatchObject({ facts: { cluster: '', datacenter: '' } });
  });
});

describe('the management address', () => {
  const nic = (key: string, ipAddress: string) => ({ key, device: 'vmk0', spec: { ip: { ipAddress } } });
  const address = (...configs: PropertyValue[]) =>
    listOne({ ...READ, 'config.virtualNicManagerInfo.netConfig': configs })?.managementAddress;

  it('is that of the selected interface for management traffic', () => {
    const vmotion = { nicType: 'vmotion', candidateVnic: nic('v.0', '10.9.9.9'), selectedVnic: 'v.0' };
    const candidateVnic = [nic('m.0', '10.0.0.1'), nic('m.1', '10.0.0.2')];
    expect(address(vmotion, { nicType: 'management', candidateVnic, selectedVnic: 'm.1' })).toBe('10.0.0.2');
    expect(address({ nicType: 'management', candidateVnic, selectedVnic: ['m.1', 'm.0'] })).toBe('10.0.0.1');
  });

  it('is undefined when none is selected or configured', () => {
    const candidateVnic = nic('m.0', '10.0.0.1');
    expect(address()).toBeUndefined();
    expect(address({ nicType: 'management', candidateVnic })).toBeUndefined();
    expect(address({ nicType: 'vmotion', candidateVnic, selectedVnic: 'm.0' })).toBeUndefined();
    const nowhere = nic('m.0', '');
    expect(address({ nicType: 'management', candidateVnic: nowhere, selectedVnic: 'm.0' })).toBeUndefined();
    const keyless = { spec: { ip: { ipAddress: '10.0.0.1' } } };
    expect(address({ nicType: 'management', candidateVnic: keyless, selectedVnic: 'm.0' })).toBeUndefined();
    expect(
      address({ nicType: 'management', candidateVnic: { spec: 'x' }, selectedVnic: 'm.0' }),
    ).toBeUndefined();
  });
});

describe('decodeName', () => {
  it('undoes what vSphere does to names, and nothing else', () => {
    expect(decodeName('a%2fb%2Fc%5cd%25e%2525f%20g%')).toBe('a/b/c\\d%e%25f%20g%');
  });
});
