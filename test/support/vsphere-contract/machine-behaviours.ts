import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { listGuestProcesses } from '../../../lib/vsphere/guest/guest-process.ts';
import { decodeName } from '../../../lib/vsphere/inventory/names.ts';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import { retrieveProperty } from '../../../lib/vsphere/property/retrieve-property.ts';
import type { MoRef, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { textOf } from '../../../lib/vsphere/property/value-fields.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { toSnapshotTrees, walkSnapshots } from '../../../lib/vsphere/snapshot/snapshot-tree.ts';
import { queryHostVsanStatus } from '../../../lib/vsphere/vsan/host-vsan-status.ts';
import {
  CONTRACT_HOSTS,
  CONTRACT_MACHINES,
  CONTRACT_SNAPSHOTS,
  collected,
  contractSignal,
  logInTo,
  objectWith,
  type PeerOf,
} from './contract-peer.ts';

const GIBIBYTE = 2 ** 30;

/** Virtual machines and what stands around them, as the polls read it. */
export function describeMachines(peerOf: PeerOf): void {
  describe('virtual machines', () => {
    const signal = contractSignal();
    let session: VsphereSession;
    beforeAll(async () => {
      session = await logInTo(peerOf());
    });
    afterAll(() => session?.[Symbol.asyncDispose]());

    const every = (type: string, paths: readonly string[]) =>
      collected(retrieveByView(session, [{ type, paths }], { signal }));
    const nameOf = ({ properties }: RetrievedObject) => String(properties.get('name'));
    /** In the order of their names. */
    const machines = async (...paths: readonly string[]) =>
      (await every('VirtualMachine', ['name', ...paths])).toSorted((a, b) =>
        nameOf(a) < nameOf(b) ? -1 : 1,
      );
    const firstAndLast = async (...paths: readonly string[]) => {
      const all = await machines(...paths);
      const [first, last] = [all[0], all.at(-1)];
      if (first === undefined || last === undefined) throw new Error('the peer has no virtual machines');
      return { first, last };
    };
    const morefsOf = async (type: string) => (await every(type, ['name'])).map(({ moref }) => moref);

    it('are all there, each with its state, host, pool, network and datastore', async () => {
      const hosts = await morefsOf('HostSystem');
      const pools = await morefsOf('ResourcePool');
      const networks = await morefsOf('Network');
      const stores = await morefsOf('Datastore');
      const paths = ['runtime.powerState', 'runtime.host', 'resourcePool', 'network', 'datastore'];
      const all = await machines(...paths);
      expect(all.map(nameOf)).toEqual(CONTRACT_MACHINES);
      for (const { properties } of all) {
        expect(properties.get('runtime.powerState')).toBe('poweredOn');
        expect(hosts).toContainEqual(properties.get('runtime.host'));
        expect(pools).toContainEqual(properties.get('resourcePool'));
        expect(networks).toEqual(properties.get('network'));
        expect(stores).toEqual(properties.get('datastore'));
      }
    });

    it('have what their VMware Tools say of the guest, with its file systems and addresses', async () => {
      const paths = [
        'guest.toolsRunningStatus',
        'guest.hostName',
        'guest.ipAddress',
        'guest.disk',
        'guest.net',
      ];
      const { first } = await firstAndLast(...paths);
      const guest = Object.fromEntries(first.properties);
      expect(guest).toMatchObject({
        'guest.toolsRunningStatus': 'guestToolsRunning',
        'guest.hostName': expect.stringMatching(/\.example\.org$/),
        'guest.net': [{ network: 'VM Network', connected: true, deviceConfigId: 4_000 }],
      });
      const [root, ...more] = guest['guest.disk'] as readonly unknown[];
      expect(root).toEqual({ diskPath: '/', capacity: 40 * GIBIBYTE, freeSpace: 10 * GIBIBYTE });
      expect(more).toMatchObject([{ diskPath: '/var' }]);
      const [net] = guest['guest.net'] as readonly { readonly ipAddress: readonly string[] }[];
      expect(net?.ipAddress).toContain(guest['guest.ipAddress']);
    });

    it('without VMware Tools say so, and nothing else of the guest', async () => {
      const { last } = await firstAndLast('guest.toolsRunningStatus', 'guest.disk');
      expect(last.properties.get('guest.toolsRunningStatus')).toBe('guestToolsNotRunning');
      expect(last.properties.get('guest.disk') ?? []).toEqual([]);
      expect([...last.missing]).toEqual([]);
    });

    it('list their processes to the account of the guest, and to no other', async () => {
      const { first } = await firstAndLast();
      const { guestAccount } = peerOf();
      const list = (account: typeof guestAccount) =>
        listGuestProcesses(session, { virtualMachine: first.moref, account }, { signal });
      expect(await list(guestAccount)).toContainEqual(
        expect.objectContaining({ pid: 1, owner: 'root', cmdLine: '/sbin/init', endTime: undefined }),
      );
      const refused = list({ ...guestAccount, password: 'not-the-one' });
      await expect(refused).rejects.toBeInstanceOf(VsphereFaultError);
      await expect(refused).rejects.toMatchObject({ fault: 'InvalidGuestLogin' });
    });

    it('have their snapshots as a tree of any depth, and none that has none', async () => {
      const { first, last } = await firstAndLast();
      await peerOf().takeSnapshots(first.moref, CONTRACT_SNAPSHOTS);
      const snapshotsOf = async (machine: MoRef) => {
        const value = await retrieveProperty(session, machine, 'snapshot.rootSnapshotList', { signal });
        return [...walkSnapshots(toSnapshotTrees(value))];
      };
      const all = await snapshotsOf(first.moref);
      expect(all.map(({ name }) => decodeName(name))).toEqual(CONTRACT_SNAPSHOTS);
      expect(all.map(({ children }) => children.length)).toEqual([1, 1, 1, 0]);
      expect(new Set(all.map(({ id }) => id)).size).toBe(CONTRACT_SNAPSHOTS.length);
      for (const { snapshot, createTime, quiesced, state } of all) {
        expect(snapshot.type).toBe('VirtualMachineSnapshot');
        expect(createTime).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
        expect(quiesced).toBe(false);
        expect(state).toMatch(/^powered(On|Off)$/);
      }
      expect(await snapshotsOf(last.moref)).toEqual([]);
    });
  });

  describe('what virtual machines stand on', () => {
    const signal = contractSignal();
    let session: VsphereSession;
    beforeAll(async () => {
      session = await logInTo(peerOf());
    });
    afterAll(() => session?.[Symbol.asyncDispose]());

    const every = (type: string, paths: readonly string[]) =>
      collected(retrieveByView(session, [{ type, paths }], { signal }));
    const sorted = (value: unknown) => (value as readonly MoRef[]).map((moref) => moref.value).toSorted();
    const valuesOf = async (type: string) => sorted((await every(type, ['name'])).map(({ moref }) => moref));

    it('a datastore has its space, hosts and machines, and its url', async () => {
      const paths = ['info.url', 'summary.capacity', 'summary.freeSpace', 'summary.accessible', 'host', 'vm'];
      const url = textOf((await every('Datastore', paths))[0]?.properties.get('info.url')) ?? '';
      const query = { type: 'Datastore', path: 'info.url', text: url, paths };
      const found = Object.fromEntries((await objectWith(session, query))?.properties ?? []);
      expect(found).toMatchObject({ 'summary.accessible': true, 'info.url': url });
      expect(found['summary.capacity']).toBeGreaterThan(Number(found['summary.freeSpace']));
      expect(found['summary.freeSpace']).toBeGreaterThan(GIBIBYTE);
      expect(sorted(found['vm'])).toEqual(await valuesOf('VirtualMachine'));
      // Of a host the value is a structure of the mount, not the reference alone.
      expect(found['host']).toHaveLength(CONTRACT_HOSTS.length);
    });

    it('a resource pool has its cluster and its machines, each machine in one', async () => {
      const pools = await every('ResourcePool', ['name', 'owner', 'vm']);
      expect(pools.map(({ properties }) => properties.get('name'))).toEqual(['Resources', 'Resources']);
      const owners = pools.map(({ properties }) => properties.get('owner'));
      expect(sorted(owners)).toEqual(await valuesOf('ClusterComputeResource'));
      const inPools = pools.flatMap(({ properties }) => properties.get('vm') as readonly MoRef[]);
      expect(sorted(inPools)).toEqual(await valuesOf('VirtualMachine'));
    });

    it('a host says how it sees its vSAN cluster', async () => {
      const [host] = await every('HostSystem', ['name']);
      if (host === undefined) throw new Error('the peer has no hosts');
      expect(await queryHostVsanStatus(session, host.moref, { signal })).toMatchObject({
        uuid: expect.stringMatching(/./),
        nodeUuid: expect.stringContaining(host.moref.value),
        health: 'healthy',
        nodeState: expect.stringMatching(/^(master|agent)$/),
      });
    });
  });
}
