import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retrieveByTraversal, retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { CONTRACT_HOSTS, collected, contractSignal, logInTo, type PeerOf } from './contract-peer.ts';

export function describeRetrieval(peerOf: PeerOf): void {
  describe('retrieval', () => {
    const signal = contractSignal();
    let session: VsphereSession;
    beforeAll(async () => {
      session = await logInTo(peerOf());
    });
    afterAll(() => session?.[Symbol.asyncDispose]());

    const nameOf = ({ properties }: RetrievedObject) => properties.get('name');
    const hosts = (paths: readonly string[]) =>
      collected(retrieveByView(session, [{ type: 'HostSystem', paths }], { signal }));

    it('by view delivers every object of a type, and of its subtypes', async () => {
      expect((await hosts(['name'])).map(nameOf).toSorted()).toEqual(CONTRACT_HOSTS);
      const specs = [{ type: 'ComputeResource', paths: ['name'] }];
      const clusters = await collected(retrieveByView(session, specs, { signal }));
      expect(clusters.map(({ moref }) => moref.type)).toEqual([
        'ClusterComputeResource',
        'ClusterComputeResource',
      ]);
    });

    it('gives words, booleans and references as such', async () => {
      const [host] = await hosts(['runtime.powerState', 'runtime.inMaintenanceMode', 'parent']);
      expect(Object.fromEntries(host?.properties ?? [])).toEqual({
        'runtime.powerState': 'poweredOn',
        'runtime.inMaintenanceMode': false,
        parent: { type: 'ClusterComputeResource', value: expect.stringMatching(/^domain-c\d+$/) },
      });
    });

    it('by moref delivers the named objects, without the one that has vanished', async () => {
      const [first, second] = await hosts(['name']);
      const morefs = [first?.moref.value ?? '', 'host-that-is-gone', second?.moref.value ?? ''];
      const request = { type: 'HostSystem', morefs, paths: ['name'] };
      const found = await collected(retrieveObjects(session, request, { signal }));
      expect(found.map(nameOf)).toEqual([first, second].map((one) => one?.properties.get('name')));
    });

    it('by traversal delivers what the steps lead to, once, and not what was passed through', async () => {
      const all = (await hosts(['name'])).map(({ moref }) => moref.value);
      const above = { type: 'ClusterComputeResource', path: 'parent' };
      const request = (skip: boolean) => ({
        type: 'HostSystem',
        morefs: [all[0] ?? '', 'host-that-is-gone', ...all.slice(1)],
        steps: [{ type: 'HostSystem', path: 'parent', skip, selectSet: [above] }],
        specs: ['HostSystem', 'ComputeResource', 'Folder'].map((type) => ({ type, paths: ['name'] })),
      });
      const reach = async (skip: boolean) =>
        (await collected(retrieveByTraversal(session, request(skip), { signal })))
          .map(({ moref }) => moref.type)
          .toSorted();
      expect(await reach(false)).toEqual(['ClusterComputeResource', 'ClusterComputeResource', 'Folder']);
      expect(await reach(true)).toEqual(['Folder']);
    });
  });
}
