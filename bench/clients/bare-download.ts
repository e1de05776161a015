import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { measure } from '../measured.ts';
import type { RetrievalOrder } from '../retrieval-order.ts';

/** The limit to come near to: the calls of a retrieval by view, their answers downloaded and not looked at. */
const { url, username, password, type, paths } = JSON.parse(process.argv[2] ?? '{}') as RetrievalOrder;
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
let cookie = '';

async function post(body: string): Promise<IncomingMessage> {
  const content =
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
  const headers = { 'Content-Type': 'text/xml', SOAPAction: '"urn:vim25/6.5"', Cookie: cookie };
  const request = https.request(url, { method: 'POST', agent, headers }).end(content);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
  return response;
}

const call = (operation: string, self: string, of: string, parameters: string) =>
  post(`<${operation} xmlns="urn:vim25"><_this type="${of}">${self}</_this>${parameters}</${operation}>`);

async function textOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

async function download(): Promise<void> {
  const created = await call(
    'CreateContainerView',
    'ViewManager',
    'ViewManager',
    `<container type="Folder">group-d1</container><type>${type}</type><recursive>true</recursive>`,
  );
  const view = /<returnval[^>]*>([^<]+)</.exec(await textOf(created))?.[1];
  assert.ok(view);
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
  await textOf(await call('DestroyView', view, 'ContainerView', ''));
  downloaded = bytes;
}

let downloaded = 0;
const names = `<userName>${username}</userName><password>${password}</password>`;
await textOf(await call('Login', 'SessionManager', 'SessionManager', names));
const measured = await measure(download);
await textOf(await call('Logout', 'SessionManager', 'SessionManager', ''));
agent.destroy();
console.log(JSON.stringify({ ...measured, bytes: downloaded }));
