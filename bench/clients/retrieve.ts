import { strict as assert } from 'node:assert';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { retrieveByView } from '../../lib/vsphere/property/retrieve-by-view.ts';
import { login } from '../../lib/vsphere/session/session.ts';
import { measure } from '../measured.ts';
import type { RetrievalOrder } from '../retrieval-order.ts';

/** Every object of one type with some properties, by vsweep; what is measured is view and retrieval. */
const order = JSON.parse(process.argv[2] ?? '{}') as RetrievalOrder;
const { url, sha256, type, paths, objects } = order;
const endpoint = { name: 'vcsim', url, tls: { sha256: [sha256] } };
const { signal } = new AbortController();
await using session = await login(endpoint, order, { clock: systemClock, log: silentLog }, { signal });

const measured = await measure(async () => {
  let read = 0;
  let properties = 0;
  for await (const object of retrieveByView(session, [{ type, paths }], { signal })) {
    read += 1;
    properties += object.properties.size;
  }
  assert.equal(read, objects);
  assert.ok(properties >= objects);
});
console.log(JSON.stringify(measured));
