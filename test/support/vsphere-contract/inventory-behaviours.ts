import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toAlarmStates } from '../../../lib/vsphere/alarm/alarm-state.ts';
import { nameAlarms } from '../../../lib/vsphere/alarm/triggered-alarms.ts';
import { readLatestEvent } from '../../../lib/vsphere/event/latest-event.ts';
import { readNames } from '../../../lib/vsphere/inventory/names.ts';
import { retrieveProperty } from '../../../lib/vsphere/property/retrieve-property.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import {
  CONTRACT_ALARM,
  CONTRACT_HOSTS,
  contractSignal,
  logInTo,
  objectWith,
  type PeerOf,
} from './contract-peer.ts';

export function describeInventory(peerOf: PeerOf): void {
  describe('inventory', () => {
    const signal = contractSignal();
    let session: VsphereSession;
    beforeAll(async () => {
      session = await logInTo(peerOf());
    });
    afterAll(() => session?.[Symbol.asyncDispose]());

    const hostNamed = async (name: string) => {
      return await objectWith(session, { type: 'HostSystem', path: 'name', text: name });
    };

    it('reads names of several types at once, and none of what is gone', async () => {
      const [name = ''] = CONTRACT_HOSTS;
      const host = await hostNamed(name);
      const morefs = [
        host?.moref ?? session.content.rootFolder,
        session.content.rootFolder,
        { type: 'HostSystem', value: 'host-that-is-gone' },
      ];
      const names = await readNames(session, { morefs }, { signal });
      expect([...names]).toEqual([
        [host?.moref.value, name],
        [session.content.rootFolder.value, 'Datacenters'],
      ]);
    });

    it('shows an alarm on its host and from the root folder, with both names', async () => {
      await peerOf().raiseAlarm();
      const [name = ''] = CONTRACT_HOSTS;
      const host = await hostNamed(name);
      if (host === undefined) throw new Error('the peer has no hosts');
      const alarmsOf = async (entity: MoRef) => {
        const value = await retrieveProperty(session, entity, 'triggeredAlarmState', { signal });
        return await nameAlarms(session, toAlarmStates(value), { signal });
      };
      const alarms = await alarmsOf(host.moref);
      expect(alarms).toMatchObject([
        {
          entity: host.moref,
          entityName: name,
          alarmName: CONTRACT_ALARM,
          overallStatus: 'red',
          acknowledged: false,
        },
      ]);
      expect(await alarmsOf(session.content.rootFolder)).toEqual(alarms);
      const event = await readLatestEvent(session, { signal });
      expect(event?.fullFormattedMessage).toContain(CONTRACT_ALARM);
    });
  });
}
