import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type BareSession, bareReference, bareText, openBareSession } from '../bare-session.ts';
import { measure } from '../measured.ts';
import type { Recording } from '../recording.ts';
import type { ReplayOrder } from '../replay-order.ts';

/**
 * The limit to come near to: what a sweep asks of a vCenter, asked again in as many sessions, the answers downloaded and
 * not looked at. Logins are not measured.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as ReplayOrder;
const { listing, lanes, view } = JSON.parse(await readFile(order.file, 'utf8')) as Recording;
let bytes = 0;

async function download(response: IncomingMessage): Promise<void> {
  for await (const chunk of response as AsyncIterable<Buffer>) bytes += chunk.length;
}

/** The view of the recording is gone; the new one takes its place. */
async function replayListing(session: BareSession): Promise<void> {
  let current = view;
  for (const body of listing) {
    const response = await session.post(body.replaceAll(view, current));
    if (body.includes('<CreateContainerView ')) current = bareReference(await bareText(response));
    else await download(response);
  }
}

async function replayLane(session: BareSession, lane: readonly string[]): Promise<void> {
  for (const body of lane) await download(await session.post(body));
}

await using own = await openBareSession(order);
await using closing = new AsyncDisposableStack();
const workers = await Promise.all(
  lanes.map(async (lane) => ({ lane, session: closing.use(await openBareSession(order)) })),
);
const measured = await measure(async () => {
  await replayListing(own);
  await Promise.all(workers.map(({ lane, session }) => replayLane(session, lane)));
});
assert.ok(bytes > 1_000_000, `only ${bytes} bytes`);
console.log(JSON.stringify({ ...measured, bytes }));
