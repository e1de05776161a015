import { describe, expect, it } from 'vitest';
import { toAlarmStates } from '../../../lib/vsphere/alarm/alarm-state.ts';
import { toVsphereEvent } from '../../../lib/vsphere/event/latest-event.ts';
import { listGuestProcesses, toGuestProcess } from '../../../lib/vsphere/guest/guest-process.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { toSnapshotTrees, walkSnapshots } from '../../../lib/vsphere/snapshot/snapshot-tree.ts';
import { toHostVsanStatus } from '../../../lib/vsphere/vsan/host-vsan-status.ts';
import { AROUND_OBJECTS, cannedSession } from './canned-session.ts';

const HOST = { type: 'HostSystem', value: 'host-1' };

describe('toSnapshotTrees', () => {
  const tree = (id: number, children?: PropertyValue): PropertyValue => ({
    snapshot: { type: 'VirtualMachineSnapshot', value: `snapshot-${id}` },
    vm: { type: 'VirtualMachine', value: 'vm-1' },
    name: `s%2f${id}`,
    description: '',
    id: String(id),
    createTime: '2026-01-01T00:00:00.5Z',
    state: 'poweredOn',
    quiesced: 'true',
    ...(children === undefined ? {} : { childSnapshotList: children }),
  });
  const deep = (depth: number): PropertyValue => tree(depth, depth === 1 ? undefined : deep(depth - 1));

  it('reads one child, which comes bare, and several, which come as a list', () => {
    const trees = toSnapshotTrees([tree(1, tree(2)), tree(3, [tree(4), tree(5)])]);
    expect([...walkSnapshots(trees)].map(({ name }) => name)).toEqual(
      [1, 2, 3, 4, 5].map((id) => `s%2f${id}`),
    );
    expect(trees[0]).toMatchObject({ id: 1, quiesced: true, createTime: '2026-01-01T00:00:00.5Z' });
  });

  it('goes to any depth', () => {
    expect([...walkSnapshots(toSnapshotTrees(deep(200)))]).toHaveLength(200);
  });

  it('is empty for a virtual machine that never had any', () => {
    expect(toSnapshotTrees(undefined)).toEqual([]);
  });
});

describe('toAlarmStates', () => {
  const state = { key: 'k', entity: HOST, alarm: { type: 'Alarm', value: 'alarm-1' }, overallStatus: 'red' };

  it('reads who acknowledged, and knows when nobody says whether anybody did', () => {
    const acknowledged = { ...state, time: 't', acknowledged: 'true', acknowledgedByUser: 'me' };
    expect(toAlarmStates([acknowledged, state])).toMatchObject([
      { time: 't', acknowledged: true, acknowledgedByUser: 'me' },
      { time: '', acknowledged: undefined, acknowledgedByUser: undefined },
    ]);
  });

  it('leaves out what names no alarm or entity', () => {
    expect(toAlarmStates([{ ...state, alarm: '' }, { ...state, entity: '' }, { key: 'k' }])).toEqual([]);
  });

  it('has empty words where vSphere says none', () => {
    const bare = { entity: HOST, alarm: state.alarm };
    expect(toAlarmStates(bare)).toEqual([
      {
        ...bare,
        key: '',
        overallStatus: '',
        time: '',
        acknowledged: undefined,
        acknowledgedByUser: undefined,
      },
    ]);
  });
});

describe('toVsphereEvent', () => {
  it('reads what each event has', () => {
    const event = {
      key: '9',
      chainId: '8',
      createdTime: 't',
      userName: '',
      fullFormattedMessage: 'It <happened>',
    };
    expect(toVsphereEvent(event)).toEqual({ ...event, key: 9, chainId: 8 });
    expect(toVsphereEvent(undefined)).toBeUndefined();
    expect(toVsphereEvent({ key: '9' })).toEqual({
      key: 9,
      chainId: undefined,
      createdTime: '',
      userName: '',
      fullFormattedMessage: '',
    });
  });
});

describe('toGuestProcess', () => {
  it('reads a process that runs and one that ended', () => {
    const running = { name: 'init', pid: '1', owner: 'root', cmdLine: '/sbin/init', startTime: 't' };
    expect(toGuestProcess(running)).toEqual({ ...running, pid: 1, endTime: undefined, exitCode: undefined });
    expect(toGuestProcess({ ...running, endTime: 'u', exitCode: '3' })).toMatchObject({
      endTime: 'u',
      exitCode: 3,
    });
    expect(toGuestProcess({ name: 'x' })).toBeUndefined();
    expect(toGuestProcess({ pid: '7' })).toEqual({
      pid: 7,
      name: '',
      owner: '',
      cmdLine: '',
      startTime: '',
      endTime: undefined,
      exitCode: undefined,
    });
  });
});

describe('listGuestProcesses', () => {
  it('says so where vSphere has no manager for the processes of guests, and sends it no account', async () => {
    const asked: string[] = [];
    const session = cannedSession(
      ({ operation }) => {
        asked.push(operation);
        return [
          Buffer.from(AROUND_OBJECTS.join('<objects><obj type="GuestOperationsManager">g</obj></objects>')),
        ];
      },
      {
        guestOperationsManager: { type: 'GuestOperationsManager', value: 'g' },
        about: { fullName: 'VMware ESXi 8.0.3', apiType: 'HostAgent', version: '8.0.3', fields: new Map() },
      },
    );
    const virtualMachine = { type: 'VirtualMachine', value: 'vm-1' };
    const account = { username: 'root', password: 'marked-guest-password' };
    const { signal } = new AbortController();
    await expect(listGuestProcesses(session, { virtualMachine, account }, { signal })).rejects.toMatchObject({
      code: 'unsupported',
      message: 'VMware ESXi 8.0.3 has no GuestProcessManager, so it cannot list processes in a guest',
    });
    expect(asked).not.toContain('ListProcessesInGuest');
  });
});

describe('toHostVsanStatus', () => {
  it('reads a host in a cluster, and one that is in none', () => {
    const nodeState = { state: 'master' };
    const status = { uuid: 'u', nodeUuid: 'n', health: 'healthy', nodeState, memberUuid: ['n', 'm'] };
    expect(toHostVsanStatus(status)).toEqual({
      uuid: 'u',
      nodeUuid: 'n',
      health: 'healthy',
      nodeState: 'master',
      memberUuids: ['n', 'm'],
    });
    expect(toHostVsanStatus({ health: 'unknown' })).toMatchObject({ uuid: undefined, memberUuids: [] });
  });
});
