import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTriggeredAlarms } from '../../../lib/vsphere/alarm/triggered-alarms.ts';
import { readLatestEvent } from '../../../lib/vsphere/event/latest-event.ts';
import { findByProperty } from '../../../lib/vsphere/inventory/find-by-property.ts';
import { readNames } from '../../../lib/vsphere/inventory/names.ts';
import { findByInventoryPath, findByUuid, findChild } from '../../../lib/vsphere/search/search-index.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { CONTRACT_ALARM, CONTRACT_HOSTS, contractSignal, logInTo, type PeerOf } from './contract-peer.ts';

export function describeInventory(peerOf: PeerOf): void {
  describe('inventory', () => {
    const signal = contractSignal();
    let session: VsphereSession;
    beforeAll(async () => {
      session = await logInTo(peerOf());
    });
    afterAll(() => session?.[Symbol.asyncDispose]());

    const hostNamed = async (name: string) => {
      const query = { type: 'HostSystem', path: 'name', text: name, paths: ['parent'] };
      return await findByProperty(session, query, { signal });
    };

    it('finds an object by a property, or says that there is none', async () => {
      const [, name = ''] = CONTRACT_HOSTS;
      expect((await hostNamed(name))?.properties.get('name')).toBe(name);
      expect(await hostNamed('esx99.example.org')).toBeUndefined();
    });

    it('walks down by names, child by child and along a path', async () => {
      const { rootFolder } = session.content;
      const { datacenter } = peerOf();
      const found = await findByProperty(
        session,
        { type: 'Datacenter', path: 'name', text: datacenter },
        { signal },
      );
      const childOfRoot = (name: string) => findChild(session, { entity: rootFolder, name }, { signal });
      expect(await childOfRoot(datacenter)).toEqual(found?.moref);
      expect(await childOfRoot('nowhere')).toBeUndefined();
      const along = await findByInventoryPath(session, `${datacenter}/host`, { signal });
      expect(along?.type).toBe('Folder');
      expect(await findByInventoryPath(session, 'nowhere/host', { signal })).toBeUndefined();
    });

    it('finds nothing for a UUID that nobody has', async () => {
      const uuid = '00000000-0000-4000-8000-000000000000';
      expect(await findByUuid(session, uuid, { kind: 'VirtualMachine' }, { signal })).toBeUndefined();
    });

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
      const alarms = await readTriggeredAlarms(session, host.moref, { signal });
      expect(alarms).toMatchObject([
        {
          entity: host.moref,
          entityName: name,
          alarmName: CONTRACT_ALARM,
          overallStatus: 'red',
          acknowledged: false,
        },
      ]);
      expect(await readTriggeredAlarms(session, session.content.rootFolder, { signal })).toEqual(alarms);
      const event = await readLatestEvent(session, { signal });
      expect(event?.fullFormattedMessage).toContain(CONTRACT_ALARM);
    });
  });
}
