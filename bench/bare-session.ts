import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { VcenterOrder } from './vcenter-order.ts';

/** A session on a vCenter of which nothing is read but what the caller reads: Node's https and no client around it. */
export interface BareSession extends AsyncDisposable {
  /** Sends a whole document. */
  post(content: string): Promise<IncomingMessage>;
}

export const bareEnvelope = (body: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
  `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;

export const bareCall = (operation: string, self: string, of: string, parameters = ''): string =>
  bareEnvelope(
    `<${operation} xmlns="urn:vim25"><_this type="${of}">${self}</_this>${parameters}</${operation}>`,
  );

export async function bareText(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

/** The reference that a call was answered with. */
export const bareReference = (text: string): string => /<returnval[^>]*>([^<]+)</.exec(text)?.[1] ?? '';

export async function openBareSession({
  url,
  username,
  password,
}: Pick<VcenterOrder, 'url' | 'username' | 'password'>): Promise<BareSession> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  let cookie = '';
  const post = async (content: string): Promise<IncomingMessage> => {
    const headers = { 'Content-Type': 'text/xml', SOAPAction: '"urn:vim25/6.5"', Cookie: cookie };
    const request = https.request(url, { method: 'POST', agent, headers }).end(content);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
    return response;
  };
  const names = `<userName>${username}</userName><password>${password}</password>`;
  await bareText(await post(bareCall('Login', 'SessionManager', 'SessionManager', names)));
  return {
    post,
    async [Symbol.asyncDispose]() {
      await bareText(await post(bareCall('Logout', 'SessionManager', 'SessionManager')));
      agent.destroy();
    },
  };
}
