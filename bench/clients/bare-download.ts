import { strict as assert } from 'node:assert';
import { bareCall, bareReference, bareText, openBareSession } from '../bare-session.ts';
import { measure } from '../measured.ts';
import type { RetrievalOrder } from '../retrieval-order.ts';

/** The limit to come near to: the calls of a retrieval by view, their answers downloaded and not looked at. */
const order = JSON.parse(process.argv[2] ?? '{}') as RetrievalOrder;
const { type, paths } = order;
await using session = await openBareSession(order);
const call = (...of: Parameters<typeof bareCall>) => session.post(bareCall(...of));

async function download(): Promise<void> {
  const created = await call(
    'CreateContainerView',
    'ViewManager',
    'ViewManager',
    `<container type="Folder">group-d1</container><type>${type}</type><recursive>true</recursive>`,
  );
  const view = bareReference(await bareText(created));
  assert.notEqual(view, '');
  const pathSet = paths.map((path) => `<pathSet>${path}</pathSet>`).join('');
  const retrieved = await call(
    'RetrievePropertiesEx',
    'propertyCollector',
    'PropertyCollector',
    `<specSet><propSet><type>${type}</type><all>false</all>${pathSet}</propSet>` +
      `<objectSet><obj type="ContainerView">${view}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec">` +
      '<type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options/>',
  );
  let bytes = 0;
  for await (const chunk of retrieved as AsyncIterable<Buffer>) bytes += chunk.length;
  assert.ok(bytes > 100_000, `only ${bytes} bytes`);
  await bareText(await call('DestroyView', view, 'ContainerView'));
  downloaded = bytes;
}

let downloaded = 0;
const measured = await measure(download);
console.log(JSON.stringify({ ...measured, bytes: downloaded }));
