import { describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { NO_ESTATE } from '../../../lib/demo/vcenter/estate.ts';
import { toAlarmStates } from '../../../lib/vsphere/alarm/alarm-state.ts';
import { nameAlarms } from '../../../lib/vsphere/alarm/triggered-alarms.ts';
import { readLatestEvent } from '../../../lib/vsphere/event/latest-event.ts';
import { retrieveProperty } from '../../../lib/vsphere/property/retrieve-property.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { demoHost, loginTo, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();

/** The demo's alarms are on host-1048 and on vm-101, which stands on host-1001. */
const HOSTS = [
  demoHost(1, { moref: 'host-1001', datacenter: 'demo' }),
  demoHost(2, { moref: 'host-1048', datacenter: 'demo', name: 'esx/48' }),
];

async function startAlarmed() {
  const vcenter = await startTarget({ hosts: HOSTS, estate: createDemoEstate() });
  const session = await loginTo(vcenter);
  return { vcenter, session };
}

async function alarmsOf(session: VsphereSession, entity: MoRef) {
  const value = await retrieveProperty(session, entity, 'triggeredAlarmState', { signal });
  return await nameAlarms(session, toAlarmStates(value), { signal });
}

describe('triggered alarms', () => {
  it('are those of a whole vCenter from its root folder, the names of all together', async () => {
    const { vcenter, session } = await startAlarmed();
    await using _ = vcenter;
    await using __ = session;
    const before = vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
    const alarms = await alarmsOf(session, session.content.rootFolder);
    expect(alarms).toMatchObject([
      {
        alarmName: 'Host connection and power state',
        entityName: 'esx%2f48',
        overallStatus: 'red',
        time: '2026-01-01T10:00:00.123456Z',
        acknowledged: false,
        acknowledgedByUser: undefined,
      },
      {
        alarmName: 'Virtual machine CPU usage',
        entityName: 'web01',
        entity: { type: 'VirtualMachine', value: 'vm-101' },
        overallStatus: 'yellow',
        acknowledged: true,
        acknowledgedByUser: 'operator@vsphere.local',
      },
    ]);
    // The states, the alarms, one host, one virtual machine.
    expect((vcenter.stats.calls['RetrievePropertiesEx'] ?? 0) - before).toBe(4);
  });

  it('are those of one entity, and none of one that is well', async () => {
    const { vcenter, session } = await startAlarmed();
    await using _ = vcenter;
    await using __ = session;
    const namesOf = async (value: string) => {
      const alarms = await alarmsOf(session, { type: 'HostSystem', value });
      return alarms.map(({ alarmName }) => alarmName);
    };
    expect(await namesOf('host-1048')).toEqual(['Host connection and power state']);
    expect(await namesOf('host-1001')).toEqual([]);
  });
});

describe('readLatestEvent', () => {
  it('is what happened last', async () => {
    const { vcenter, session } = await startAlarmed();
    await using _ = vcenter;
    await using __ = session;
    expect(await readLatestEvent(session, { signal })).toEqual({
      key: 4_711,
      chainId: 4_711,
      createdTime: '2026-01-01T12:00:00.5Z',
      userName: 'operator@vsphere.local',
      fullFormattedMessage: 'User operator@vsphere.local@192.0.2.10 logged in as vsphere-client/8.0',
    });
  });

  it('is nothing on a vCenter where nothing happened yet', async () => {
    await using vcenter = await startTarget({ estate: NO_ESTATE });
    await using session = await loginTo(vcenter);
    expect(await readLatestEvent(session, { signal })).toBeUndefined();
  });
});
