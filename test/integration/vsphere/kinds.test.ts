import { describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoEstate } from '../../../lib/demo/vcenter/estate.ts';
import type { Item, KindName } from '../../../lib/inventory/kind.ts';
import { KINDS } from '../../../lib/inventory/kinds.ts';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { loginTo, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();

/** What the demo's vCenter has of each kind but hosts, in the order of the listing. */
const EXPECTED: { readonly [K in Exclude<KindName, 'host'>]: readonly Item[] } = {
  vm: [
    {
      moref: 'vm-101',
      name: 'web01',
      facts: {
        host: 'esx01.example.org',
        cluster: 'cluster-1',
        datacenter: 'demo',
        folder: '',
        datastore: 'fast01',
        resourcePool: 'Resources',
      },
    },
  ],
  datastore: [
    {
      moref: 'datastore-11',
      name: 'fast01',
      facts: {
        datacenter: 'demo',
        folder: '',
        datastoreCluster: '',
        key: '5eed0001-00000001-0001-000000000001',
      },
    },
    {
      moref: 'datastore-12',
      name: 'slow/01',
      facts: {
        datacenter: 'demo',
        folder: '',
        datastoreCluster: 'slow',
        key: '5eed0002-00000002-0002-000000000002',
      },
    },
  ],
  'datastore-cluster': [{ moref: 'group-p31', name: 'slow', facts: { datacenter: 'demo', folder: '' } }],
  cluster: [1, 2, 3].map((number) => ({
    moref: expect.stringMatching(/^domain-c\d+$/),
    name: `cluster-${number}`,
    facts: { datacenter: 'demo', folder: '' },
  })),
  'resource-pool': [1, 2, 3].map((number) => ({
    moref: expect.stringMatching(/^resgroup-\d+$/),
    type: 'ResourcePool',
    name: 'Resources',
    facts: {
      cluster: `cluster-${number}`,
      host: '',
      datacenter: 'demo',
      resourcePool: '',
      poolPath: `/demo/host/cluster-${number}/Resources`,
      virtualApp: '',
    },
  })),
  portgroup: [
    {
      moref: 'dvportgroup-42',
      name: 'storage',
      facts: { datacenter: 'demo', folder: '', distributedSwitch: 'dvs01', key: 'dvportgroup-42' },
    },
  ],
  'distributed-switch': [
    {
      type: expect.stringMatching(/DistributedVirtualSwitch$/),
      moref: 'dvs-41',
      name: 'dvs01',
      facts: { datacenter: 'demo', folder: '' },
    },
  ],
  alarm: [
    {
      moref: 'alarm-6',
      name: 'Host connection and power state',
      facts: { systemName: 'alarm.HostConnectionStateAlarm' },
    },
    { moref: 'alarm-7', name: 'Virtual machine CPU usage', facts: { systemName: '' } },
  ],
  vcenter: [{ type: 'Folder', moref: 'group-d1', name: 'vc01', facts: {} }],
};

const [fast, ...others] = createDemoEstate().datastores;
const ESTATE: DemoEstate = {
  ...createDemoEstate(),
  datastores: [fast, ...others.map((one) => ({ ...one, datastoreCluster: 'group-p31' }))].filter(
    (one) => one !== undefined,
  ),
  datastoreClusters: [{ moref: 'group-p31', name: 'slow', datacenter: 'demo' }],
  distributedSwitches: [
    {
      moref: 'dvs-41',
      name: 'dvs01',
      datacenter: 'demo',
      portgroups: [{ moref: 'dvportgroup-42', name: 'storage' }],
    },
  ],
};

const startDemo = () =>
  startTarget({ hosts: createDemoFleet().map(({ vcenter }) => vcenter), estate: ESTATE });

describe('listInventory', () => {
  it('lists all kinds by one view, each item with the names of what it stands in', async () => {
    await using vcenter = await startDemo();
    await using session = await loginTo(vcenter);
    const kinds = KINDS.map(({ name }) => name);
    const { hosts, others } = await listInventory(
      session,
      { kinds, target: 'vc01', managementAddress: false },
      { signal },
    );
    expect(hosts).toHaveLength(60);
    expect(vcenter.stats.calls).toMatchObject({ CreateContainerView: 1, DestroyView: 1 });
    expect([...others.keys()].toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
    for (const [kind, items] of Object.entries(EXPECTED)) {
      const listing = others.get(kind as KindName);
      expect(listing?.unreadable).toEqual([]);
      expect(listing?.items.slice(0, items.length)).toEqual(items);
      if (kind !== 'vm') expect(listing?.items).toHaveLength(items.length);
    }
    expect(others.get('vm')?.items).toHaveLength(ESTATE.virtualMachines.length);
  });

  it('says why the definitions of alarms could not be listed, and lists all else', async () => {
    await using vcenter = await startDemo();
    await using session = await loginTo(vcenter);
    const transport: typeof session.transport = (call, options) =>
      call.operation === 'GetAlarm'
        ? Promise.reject(new VsphereFaultError('vc01', { fault: 'NoPermission', text: 'Denied' }))
        : session.transport(call, options);
    const { hosts, others, unlisted } = await listInventory(
      { ...session, transport },
      { kinds: ['alarm', 'cluster'], managementAddress: false },
      { signal },
    );
    expect(unlisted).toEqual(new Map([['alarm', 'vc01 returned the fault NoPermission: Denied']]));
    expect([...others.keys()]).toEqual(['cluster']);
    expect([hosts.length, others.get('cluster')?.items.length]).toEqual([60, 3]);
  });

  it('waits for the definitions of alarms no longer than it may', async () => {
    await using vcenter = await startDemo();
    await using session = await loginTo(vcenter);
    const beside = new AbortController();
    const transport: typeof session.transport = async (call, options) => {
      if (call.operation !== 'GetAlarm') return await session.transport(call, options);
      // It never answers; the deadline comes.
      beside.abort(new Error('listing took 10 s'));
      options.signal.throwIfAborted();
      return await new Promise(() => {});
    };
    const { hosts, unlisted } = await listInventory(
      { ...session, transport },
      { kinds: ['alarm'], managementAddress: false },
      { signal, besideSignal: beside.signal },
    );
    expect([hosts.length, unlisted?.get('alarm')]).toEqual([60, 'listing took 10 s']);
  });

  it('lists no alarms of a server that has none, such as a host of its own', async () => {
    await using vcenter = await startDemo();
    await using session = await loginTo(vcenter);
    const { alarmManager: _, ...content } = session.content;
    const { others, unlisted } = await listInventory(
      { ...session, content },
      { kinds: ['alarm'], managementAddress: false },
      { signal },
    );
    expect([others.get('alarm')?.items, unlisted]).toEqual([[], undefined]);
    expect(vcenter.stats.calls['GetAlarm']).toBeUndefined();
  });

  it('lists what no other machine has and where its pool stands, if that is asked for', async () => {
    await using vcenter = await startDemo();
    await using session = await loginTo(vcenter);
    const query = { kinds: ['vm'] as const, managementAddress: false, machineIdentity: true };
    const { others } = await listInventory(session, query, { signal });
    const [expected] = EXPECTED.vm;
    expect(others.get('vm')?.items[0]).toEqual({
      ...expected,
      facts: {
        ...expected?.facts,
        instanceUuid: '50000000-0000-4000-8000-000000000001',
        poolPath: '/demo/host/cluster-1/Resources',
        virtualApp: '',
      },
    });
  });

  it('lists no other kind than those that are asked for, and hosts', async () => {
    await using vcenter = await startDemo();
    await using session = await loginTo(vcenter);
    const { others } = await listInventory(
      session,
      { kinds: ['cluster', 'host', 'cluster'], managementAddress: false },
      { signal },
    );
    expect([...others.keys()]).toEqual(['cluster']);
    expect(others.get('cluster')?.items).toHaveLength(3);
  });
});
