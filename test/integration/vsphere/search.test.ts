import { describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { findByProperty } from '../../../lib/vsphere/inventory/find-by-property.ts';
import {
  findByDnsName,
  findByInventoryPath,
  findByIp,
  findByUuid,
  findChild,
} from '../../../lib/vsphere/search/search-index.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { demoHost, loginTo, rejectionOf, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();

const HOSTS = [1_001, 1_002].map((number) =>
  demoHost(number, { datacenter: 'demo', managementAddress: `192.0.2.${number - 1_000}` }),
);
const HOST = { kind: 'HostSystem' } as const;
const VM = { kind: 'VirtualMachine' } as const;

async function withSession(work: (session: VsphereSession) => Promise<void>): Promise<void> {
  await using vcenter = await startTarget({ hosts: HOSTS, estate: createDemoEstate(), pageSize: 2 });
  await using session = await loginTo(vcenter);
  await work(session);
}

describe('the search index', () => {
  it('finds hosts and virtual machines by name, address and UUID, each among its own', () =>
    withSession(async (session) => {
      const host = { type: 'HostSystem', value: 'host-1002' };
      const vm = { type: 'VirtualMachine', value: 'vm-103' };
      expect(await findByDnsName(session, 'esx1002.example.org', HOST, { signal })).toEqual(host);
      expect(await findByDnsName(session, 'esx1002.example.org', VM, { signal })).toBeUndefined();
      expect(await findByDnsName(session, 'db01.example.org', VM, { signal })).toEqual(vm);
      expect(await findByIp(session, '192.0.2.2', HOST, { signal })).toEqual(host);
      expect(await findByIp(session, '192.0.2.103', VM, { signal })).toEqual(vm);
      expect(await findByUuid(session, '42000000-0000-4000-8000-000000000003', VM, { signal })).toEqual(vm);
      const instance = { ...VM, instanceUuid: true };
      expect(await findByUuid(session, '50000000-0000-4000-8000-000000000003', instance, { signal })).toEqual(
        vm,
      );
      expect(
        await findByUuid(session, '50000000-0000-4000-8000-000000000003', VM, { signal }),
      ).toBeUndefined();
    }));

  it('looks in one datacenter only when asked to', () =>
    withSession(async (session) => {
      const datacenter = await findByInventoryPath(session, 'demo', { signal });
      if (datacenter === undefined) throw new Error('the demo has no datacenter');
      const other = { type: 'Datacenter', value: 'datacenter-99' };
      const inside = (where: typeof other) =>
        findByDnsName(session, 'esx1001.example.org', { ...HOST, datacenter: where }, { signal });
      expect(await inside(datacenter)).toEqual({ type: 'HostSystem', value: 'host-1001' });
      expect(await inside(other)).toBeUndefined();
    }));

  it('follows a path, with the names as vSphere writes them', () =>
    withSession(async (session) => {
      const at = (path: string) => findByInventoryPath(session, path, { signal });
      expect(await at('demo/vm/web01')).toEqual({ type: 'VirtualMachine', value: 'vm-101' });
      expect(await at('demo/datastore/slow%2f01')).toEqual({ type: 'Datastore', value: 'datastore-12' });
      expect(await at('demo/vm/web09')).toBeUndefined();
    }));

  it('finds a child, and says that its parent is gone', () =>
    withSession(async (session) => {
      const { rootFolder } = session.content;
      const datacenter = await findChild(session, { entity: rootFolder, name: 'demo' }, { signal });
      expect(datacenter?.type).toBe('Datacenter');
      expect(await findChild(session, { entity: rootFolder, name: 'vm' }, { signal })).toBeUndefined();
      const gone = { entity: { type: 'Folder', value: 'group-9' }, name: 'x' };
      expect(await rejectionOf(findChild(session, gone, { signal }))).toMatchObject({
        fault: 'ManagedObjectNotFound',
      });
    }));
});

describe('findByProperty', () => {
  it('finds a datastore by its url, as vPoller names it', () =>
    withSession(async (session) => {
      const url = 'ds:///vmfs/volumes/5eed0002-00000002-0002-000000000002/';
      const query = { type: 'Datastore', path: 'info.url', text: url, paths: ['name', 'summary.capacity'] };
      const found = await findByProperty(session, query, { signal });
      expect(found?.moref.value).toBe('datastore-12');
      expect(found?.properties.get('summary.capacity')).toBe(2 * 1_024 * 2 ** 30);
    }));

  it('compares names as people write them, and is undefined when none is the same', () =>
    withSession(async (session) => {
      const named = (text: string) =>
        findByProperty(session, { type: 'Datastore', path: 'name', text }, { signal });
      expect((await named('slow/01'))?.moref.value).toBe('datastore-12');
      expect(await named('slow%2f01')).toBeUndefined();
    }));
});
