import { strict as assert } from 'node:assert';
import { HOST_SERVICES_PATHS } from '../../lib/inventory/host-services.ts';
import { listInventory } from '../../lib/inventory/list-inventory.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { retrieveObjects } from '../../lib/vsphere/property/retrieval.ts';
import { cloneSession, login } from '../../lib/vsphere/session/session.ts';
import { measure } from '../measured.ts';
import type { VcenterOrder } from '../vcenter-order.ts';

/** What a sweep does in a vCenter: a login, the list of hosts, a worker's session by ticket, one retrieval of all. */
const { url, sha256, username, password, hosts } = JSON.parse(process.argv[2] ?? '{}') as VcenterOrder;
const endpoint = { name: 'vcsim', url, tls: { sha256: [sha256] } };
const deps = { clock: systemClock, log: silentLog };
const { signal } = new AbortController();
const paths = ['name', ...HOST_SERVICES_PATHS, 'overallStatus'];

async function listAndRead(): Promise<void> {
  await using session = await login(endpoint, { username, password }, deps, { signal });
  const listing = await listInventory(session, { managementAddress: false }, { signal });
  const ticket = await session.acquireCloneTicket({ signal });
  await using worker = await cloneSession(endpoint, ticket, deps, { signal });
  const morefs = listing.hosts.map(({ moref }) => moref);
  let read = 0;
  for await (const object of retrieveObjects(worker, { type: 'HostSystem', morefs, paths }, { signal })) {
    assert.ok(object.properties.has('name'));
    read += 1;
  }
  assert.equal(read, hosts);
}

console.log(JSON.stringify(await measure(listAndRead)));
