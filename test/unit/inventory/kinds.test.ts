import { describe, expect, it } from 'vitest';
import type { Item, KindName } from '../../../lib/inventory/kind.ts';
import { findKind, KINDS } from '../../../lib/inventory/kinds.ts';
import { toListing } from '../../../lib/inventory/list-inventory.ts';
import { keyOf } from '../../../lib/inventory/object-tree.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';

/** `Folder:group-v1` with its properties; a property that begins with `->` is a reference. */
function object(moref: string, properties: Record<string, string>, missing: string[] = []): RetrievedObject {
  const toValue = (text: string): PropertyValue =>
    text.startsWith('->') ? referenceOf(text.slice(2)) : text;
  return {
    moref: referenceOf(moref),
    properties: new Map(Object.entries(properties).map(([path, text]) => [path, toValue(text)])),
    missing: new Map(missing.map((path) => [path, 'NoPermission'])),
  };
}

function referenceOf(moref: string) {
  const [type = '', value = ''] = moref.split(':');
  return { type, value };
}

const ESTATE = [
  object('Datacenter:dc-1', { name: 'north', parent: '->Folder:group-d1' }),
  object('Folder:group-h1', { name: 'host', parent: '->Datacenter:dc-1' }),
  object('Folder:group-v1', { name: 'vm', parent: '->Datacenter:dc-1' }),
  object('Folder:group-v2', { name: 'prod', parent: '->Folder:group-v1' }),
  object('Folder:group-v3', { name: 'web%2fedge', parent: '->Folder:group-v2' }),
  object('Folder:group-s1', { name: 'datastore', parent: '->Datacenter:dc-1' }),
  object('Folder:group-s2', { name: 'fast', parent: '->Folder:group-s1' }),
  object('Folder:group-n1', { name: 'network', parent: '->Datacenter:dc-1' }),
  object('Folder:group-n2', { name: 'edge', parent: '->Folder:group-n1' }),
  object('StoragePod:group-p1', { name: 'pod1', parent: '->Folder:group-s2' }),
  object('ClusterComputeResource:domain-c1', { name: 'cluster1', parent: '->Folder:group-h1' }),
  object('ComputeResource:domain-s1', { name: 'esx02', parent: '->Folder:group-h1' }),
  object('HostSystem:host-1', { name: 'esx01', parent: '->ClusterComputeResource:domain-c1' }),
  object('HostSystem:host-2', { name: 'esx02', parent: '->ComputeResource:domain-s1' }),
  object('ResourcePool:resgroup-1', {
    name: 'Resources',
    parent: '->ClusterComputeResource:domain-c1',
    owner: '->ClusterComputeResource:domain-c1',
  }),
  object('ResourcePool:resgroup-2', {
    name: 'gold%25',
    parent: '->ResourcePool:resgroup-1',
    owner: '->ClusterComputeResource:domain-c1',
  }),
  object('VirtualApp:resgroup-v1', {
    name: 'shop',
    parent: '->ResourcePool:resgroup-2',
    owner: '->ClusterComputeResource:domain-c1',
  }),
  object('ResourcePool:resgroup-3', {
    name: 'Resources',
    parent: '->ComputeResource:domain-s1',
    owner: '->ComputeResource:domain-s1',
  }),
  object('VmwareDistributedVirtualSwitch:dvs-1', { name: 'dvs1', parent: '->Folder:group-n2' }),
];

const listed = (kind: KindName, ...more: RetrievedObject[]): readonly Item[] =>
  toListing(findKind(kind), new Map([...ESTATE, ...more].map((one) => [keyOf(one.moref), one]))).items;
const listOne = (kind: KindName, one: RetrievedObject): Item | undefined =>
  listed(kind, one).find(({ moref }) => moref === one.moref.value);

const place = (folder: string) => ({ datacenter: 'north', folder });

describe('what a listing asks vCenter for', () => {
  const COMPUTE = { type: 'ComputeResource', paths: ['name', 'parent'] };
  const FOLDER = { type: 'Folder', paths: ['name', 'parent'] };
  const DATACENTER = { type: 'Datacenter', paths: ['name', 'parent'] };
  const HOST_PATHS = [
    'name',
    'parent',
    'runtime.connectionState',
    'runtime.powerState',
    'runtime.inMaintenanceMode',
    'config.lockdownMode',
  ];
  const VM_PATHS = ['name', 'parent', 'runtime.host', 'resourcePool', 'summary.config.vmPathName'];
  const SWITCH = { type: 'DistributedVirtualSwitch', paths: ['name', 'parent'] };
  const above = [COMPUTE, { type: 'Folder', paths: ['parent'] }, DATACENTER];
  const hosts = (...more: string[]) => [{ type: 'HostSystem', paths: [...HOST_PATHS, ...more] }, ...above];

  it.each([
    ['host', {}, hosts()],
    ['host', { managementAddress: true }, hosts('config.virtualNicManagerInfo.netConfig')],
    ['host', { sshService: 'keyed' }, hosts('config.service.service["TSM-SSH"].running')],
    ['host', { sshService: 'whole' }, hosts('config.service')],
    [
      'vm',
      {},
      [
        { type: 'VirtualMachine', paths: VM_PATHS },
        { type: 'HostSystem', paths: ['name', 'parent'] },
        { type: 'ResourcePool', paths: ['name'] },
        COMPUTE,
        FOLDER,
        DATACENTER,
      ],
    ],
    [
      'vm',
      { machineIdentity: true },
      [
        { type: 'VirtualMachine', paths: [...VM_PATHS, 'summary.config.instanceUuid'] },
        { type: 'HostSystem', paths: ['name', 'parent'] },
        { type: 'ResourcePool', paths: ['name', 'parent'] },
        COMPUTE,
        FOLDER,
        DATACENTER,
      ],
    ],
    ['datastore', {}, [{ type: 'Datastore', paths: ['name', 'parent', 'summary.url'] }, FOLDER, DATACENTER]],
    ['datastore-cluster', {}, [FOLDER, DATACENTER]],
    ['cluster', {}, [COMPUTE, FOLDER, DATACENTER]],
    [
      'resource-pool',
      {},
      [{ type: 'ResourcePool', paths: ['name', 'parent', 'owner'] }, COMPUTE, FOLDER, DATACENTER],
    ],
    [
      'portgroup',
      {},
      [
        {
          type: 'DistributedVirtualPortgroup',
          paths: ['name', 'parent', 'key', 'config.distributedVirtualSwitch'],
        },
        SWITCH,
        FOLDER,
        DATACENTER,
      ],
    ],
    ['distributed-switch', {}, [SWITCH, FOLDER, DATACENTER]],
    ['vcenter', {}, []],
    ['alarm', {}, []],
  ] as const)('is, for a %s with %j, all that its facts are made from', (kind, options, expected) => {
    expect(findKind(kind).specs(options)).toEqual(expected);
  });

  it('finds a kind by its name alone', () => {
    for (const kind of KINDS) expect(findKind(kind.name)).toBe(kind);
    expect(() => findKind('nothing' as KindName)).toThrow(new TypeError('no kind is called nothing'));
  });
});

describe('a listed machine', () => {
  const MACHINE = {
    name: 'web01',
    parent: '->Folder:group-v3',
    'runtime.host': '->HostSystem:host-1',
    resourcePool: '->ResourcePool:resgroup-2',
    'summary.config.vmPathName': '[fast01] web01/web01.vmx',
  };
  const FACTS = {
    host: 'esx01',
    cluster: 'cluster1',
    ...place('prod/web/edge'),
    datastore: 'fast01',
    resourcePool: 'gold%',
  };
  const machine = (properties: Record<string, string>, missing?: string[]) =>
    listOne('vm', object('VirtualMachine:vm-1', properties, missing));

  it('has the names of all that it stands in', () => {
    expect(machine(MACHINE)).toEqual({ moref: 'vm-1', name: 'web01', facts: FACTS });
  });

  it('has its instance UUID and its pool from the datacenter on where they were asked for', () => {
    const identified = { ...MACHINE, 'summary.config.instanceUuid': '5012-ab' };
    expect(machine(identified)?.facts).toEqual({
      ...FACTS,
      instanceUuid: '5012-ab',
      poolPath: '/north/host/cluster1/Resources/gold%',
      virtualApp: '',
    });
  });

  it('has no instance UUID, but a pool, where the UUID was refused', () => {
    expect(machine(MACHINE, ['summary.config.instanceUuid'])?.facts).toMatchObject({
      instanceUuid: '',
      poolPath: '/north/host/cluster1/Resources/gold%',
    });
  });

  it('has the datacenter of its host, and its vApp, where it is in a vApp, which is in no folder', () => {
    const { parent: _none, ...inApp } = MACHINE;
    const facts = machine({
      ...inApp,
      resourcePool: '->VirtualApp:resgroup-v1',
      'summary.config.instanceUuid': '5012-ab',
    })?.facts;
    expect(facts).toMatchObject({
      ...place(''),
      resourcePool: 'shop',
      virtualApp: 'shop',
      poolPath: '/north/host/cluster1/Resources/gold%/shop',
    });
  });

  it('has the names that could be read alone', () => {
    const nothing = { host: '', cluster: '', ...place(''), datastore: '', resourcePool: '' };
    expect(machine({ name: 'web01' })?.facts).toEqual({ ...nothing, datacenter: '' });
    const uuid = { 'summary.config.instanceUuid': '5012-ab' };
    expect(machine({ name: 'web01', ...uuid })?.facts).toMatchObject({ poolPath: '', virtualApp: '' });
  });

  it('has no path of a pool below a name that did not come', () => {
    const pool = object('ResourcePool:resgroup-9', {
      name: 'lost',
      parent: '->ClusterComputeResource:domain-9',
    });
    const cluster = object('ClusterComputeResource:domain-9', { parent: '->Folder:group-h1' });
    const one = object('VirtualMachine:vm-1', {
      ...MACHINE,
      resourcePool: '->ResourcePool:resgroup-9',
      'summary.config.instanceUuid': '5012-ab',
    });
    expect(listed('vm', pool, cluster, one)[0]?.facts).toMatchObject({ poolPath: '', resourcePool: 'lost' });
    expect(listed('vm', pool, one)[0]?.facts).toMatchObject({ poolPath: '' });
  });
});

describe('a listed datastore', () => {
  it.each([
    ['ds:///vmfs/volumes/5eed0001-aa/', '5eed0001-aa'],
    ['ds:///vmfs/volumes/5eed0001-aa', '5eed0001-aa'],
    ['ds:///vmfs/volumes/5eed0001-aa/x', ''],
    ['ds:///vmfs/volumes/', ''],
    ['/elsewhere/5eed0001-aa/', ''],
  ])('has the uuid in its url %s as its key: %j', (url, key) => {
    const one = object('Datastore:ds-1', { name: 'fast01', parent: '->Folder:group-s2', 'summary.url': url });
    const facts = { ...place('fast'), datastoreCluster: '', key };
    expect(listOne('datastore', one)).toEqual({ moref: 'ds-1', name: 'fast01', facts });
  });

  it('has the folder of the datastore cluster that it is in', () => {
    const one = object('Datastore:ds-1', { name: 'fast01', parent: '->StoragePod:group-p1' });
    const facts = { ...place('fast'), datastoreCluster: 'pod1', key: '' };
    expect(listOne('datastore', one)).toEqual({ moref: 'ds-1', name: 'fast01', facts });
  });
});

describe('a listed network', () => {
  it('has the switch of a port group', () => {
    const one = object('DistributedVirtualPortgroup:pg-1', {
      name: 'vlan%2f7',
      parent: '->Folder:group-n2',
      key: 'dvportgroup-7',
      'config.distributedVirtualSwitch': '->VmwareDistributedVirtualSwitch:dvs-1',
    });
    expect(listOne('portgroup', one)).toEqual({
      moref: 'pg-1',
      name: 'vlan/7',
      facts: { ...place('edge'), distributedSwitch: 'dvs1', key: 'dvportgroup-7' },
    });
    const bare = object('DistributedVirtualPortgroup:pg-1', { name: 'x' });
    expect(listOne('portgroup', bare)?.facts).toEqual({
      datacenter: '',
      folder: '',
      distributedSwitch: '',
      key: '',
    });
  });

  it('is a switch of either type', () => {
    const plain = object('DistributedVirtualSwitch:dvs-2', { name: 'dvs2', parent: '->Folder:group-n1' });
    expect(listed('distributed-switch', plain)).toEqual([
      { type: 'VmwareDistributedVirtualSwitch', moref: 'dvs-1', name: 'dvs1', facts: place('edge') },
      { type: 'DistributedVirtualSwitch', moref: 'dvs-2', name: 'dvs2', facts: place('') },
    ]);
  });
});

describe('what stands above hosts', () => {
  it('are the clusters and datastore clusters in their folders', () => {
    expect(listed('cluster')).toEqual([{ moref: 'domain-c1', name: 'cluster1', facts: place('') }]);
    expect(listed('datastore-cluster')).toEqual([{ moref: 'group-p1', name: 'pod1', facts: place('fast') }]);
  });

  it('are resource pools and vApps, each of a cluster or of a host that stands alone', () => {
    const inCluster = { cluster: 'cluster1', host: '', datacenter: 'north', virtualApp: '' };
    const pool = '/north/host/cluster1/Resources';
    expect(listed('resource-pool')).toEqual([
      {
        type: 'ResourcePool',
        moref: 'resgroup-1',
        name: 'Resources',
        facts: { ...inCluster, resourcePool: '', poolPath: pool },
      },
      {
        type: 'ResourcePool',
        moref: 'resgroup-2',
        name: 'gold%',
        facts: { ...inCluster, resourcePool: 'Resources', poolPath: `${pool}/gold%` },
      },
      {
        type: 'VirtualApp',
        moref: 'resgroup-v1',
        name: 'shop',
        facts: {
          ...inCluster,
          resourcePool: 'gold%',
          poolPath: `${pool}/gold%/shop`,
          virtualApp: 'shop',
        },
      },
      {
        type: 'ResourcePool',
        moref: 'resgroup-3',
        name: 'Resources',
        facts: {
          cluster: '',
          host: 'esx02',
          datacenter: 'north',
          resourcePool: '',
          poolPath: '/north/host/esx02/Resources',
          virtualApp: '',
        },
      },
    ]);
  });
});
