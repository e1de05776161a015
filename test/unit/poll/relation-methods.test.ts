import { expect, it } from 'vitest';
import type { PollSession } from '../../../lib/poll/method.ts';
import { POLL_METHODS } from '../../../lib/poll/registry.ts';
import { AROUND_OBJECTS, cannedSession } from '../vsphere/canned-session.ts';

const property = (name: string, value: string) => `<propSet><name>${name}</name>${value}</propSet>`;
const object = (type: string, value: string, properties: string) =>
  `<objects><obj type="${type}">${value}</obj>${properties}</objects>`;
const text = (value: string) => `<val xsi:type="xsd:string">${value}</val>`;

// As vCenter has them: Datastore.host are data objects, each with the host that mounts it as its key.
const MOUNTS = ['host-1', 'host-2']
  .map((host) => `<DatastoreHostMount><key type="HostSystem">${host}</key><mountInfo/></DatastoreHostMount>`)
  .join('');
const DATASTORE = object(
  'Datastore',
  'datastore-1',
  property('info.url', text('ds:///1/')) +
    property('host', `<val xsi:type="ArrayOfDatastoreHostMount">${MOUNTS}</val>`),
);
const HOSTS = ['host-1', 'host-2']
  .map((host) => object('HostSystem', host, property('name', text(`name of ${host}`))))
  .join('');

it('datastore.host.get finds the hosts in the keys of the mounts', async () => {
  const answer = (body: string) => (body.includes('datastore-1') ? DATASTORE : HOSTS);
  const session = {
    ...cannedSession(({ body }) => [Buffer.from(AROUND_OBJECTS.join(answer(body)))]),
    names: () => ({
      find: async (_name, inventory, options) =>
        (await inventory.read({ type: 'Datastore', value: 'datastore-1' }, options))?.found,
    }),
  } as Partial<PollSession> as PollSession;
  const method = POLL_METHODS.find(({ name }) => name === 'datastore.host.get');
  const { signal } = new AbortController();
  expect(await method?.run(session, { name: 'ds:///1/', properties: [] }, { signal })).toEqual([
    { name: 'name of host-1' },
    { name: 'name of host-2' },
  ]);
});
