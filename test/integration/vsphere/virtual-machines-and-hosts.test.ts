import { describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { listGuestProcesses } from '../../../lib/vsphere/guest/guest-process.ts';
import { retrieveProperty } from '../../../lib/vsphere/property/retrieve-property.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { toSnapshotTrees, walkSnapshots } from '../../../lib/vsphere/snapshot/snapshot-tree.ts';
import { queryHostVsanStatus } from '../../../lib/vsphere/vsan/host-vsan-status.ts';
import { demoHost, loginTo, rejectionOf, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();

const HOSTS = [
  demoHost(1, { datacenter: 'demo', vsanHealth: 'unhealthy' }),
  demoHost(2, { datacenter: 'demo', connectionState: 'notResponding' }),
  demoHost(3, { datacenter: 'demo', unreadable: ['configManager'] }),
];
const vm = (number: number) => ({ type: 'VirtualMachine', value: `vm-${100 + number}` });
const host = (number: number) => ({ type: 'HostSystem', value: `host-${number}` });
const ACCOUNT = { username: 'monitor', password: 'demo-guest' };

async function withSession(work: (session: VsphereSession) => Promise<void>): Promise<void> {
  await using vcenter = await startTarget({ hosts: HOSTS, estate: createDemoEstate() });
  await using session = await loginTo(vcenter);
  await work(session);
}

const rootList = (session: VsphereSession, number: number) =>
  retrieveProperty(session, vm(number), 'snapshot.rootSnapshotList', { signal });

describe('snapshots', () => {
  it('are the whole tree, and nothing for a virtual machine without any', () =>
    withSession(async (session) => {
      const namesOf = async (number: number) =>
        [...walkSnapshots(toSnapshotTrees(await rootList(session, number)))].map(({ name }) => name);
      expect(await namesOf(1)).toEqual(['level 1', 'level 2', 'level 3', 'level 4']);
      expect(await namesOf(3)).toEqual(['before patch', 'after%patch']);
      expect(await namesOf(2)).toEqual([]);
    }));
});

describe('listGuestProcesses', () => {
  const list = (session: VsphereSession, number: number, account = ACCOUNT) =>
    listGuestProcesses(session, { virtualMachine: vm(number), account }, { signal });

  it('has the processes of a guest', () =>
    withSession(async (session) => {
      expect((await list(session, 1)).map(({ pid, cmdLine }) => [pid, cmdLine])).toEqual([
        [1, '/sbin/init'],
        [812, 'nginx: worker process'],
        [813, 'nginx: worker process'],
      ]);
    }));

  it.each([
    [1, { ...ACCOUNT, password: 'not-the-one' }, 'InvalidGuestLogin'],
    [4, ACCOUNT, 'GuestOperationsUnavailable'],
    [5, ACCOUNT, 'InvalidPowerState'],
  ])('of vm %i with %j is the fault %s, and no message holds the password', (number, account, fault) =>
    withSession(async (session) => {
      const error = await rejectionOf(list(session, number, account));
      expect(error).toMatchObject({ fault });
      expect(error.message).not.toContain(account.password);
    }),
  );

  it('logs in to the guest once, also when the answer is lost', async () => {
    await using vcenter = await startTarget({ hosts: HOSTS, estate: createDemoEstate() });
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'html', operation: 'ListProcessesInGuest' });
    expect(await rejectionOf(list(session, 1))).toMatchObject({ retryable: true });
    expect(vcenter.stats.calls['ListProcessesInGuest']).toBe(1);
  });
});

describe('queryHostVsanStatus', () => {
  it('is what the host says of its cluster', () =>
    withSession(async (session) => {
      expect(await queryHostVsanStatus(session, host(1), { signal })).toEqual({
        uuid: 'vsan-cluster1',
        nodeUuid: 'vsan-host-1',
        health: 'unhealthy',
        nodeState: 'agent',
        memberUuids: ['vsan-host-1'],
      });
    }));

  it('says why there is none: the host is lost, or it may not be read', () =>
    withSession(async (session) => {
      const faultOf = async (number: number) =>
        rejectionOf(queryHostVsanStatus(session, host(number), { signal }));
      expect(await faultOf(2)).toMatchObject({ fault: 'HostNotConnected' });
      expect(await faultOf(3)).toMatchObject({ fault: 'NoPermission' });
    }));
});
