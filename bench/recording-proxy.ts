import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeIdentity } from '../lib/demo/vcenter/certificate.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { sha256Of } from '../lib/platform/tls.ts';
import { type RecordedRequest, type Recording, toRecording } from './recording.ts';

/** Stands before a vCenter and keeps what it is asked. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly sha256: string;
  recording(): Recording;
}

export async function startRecordingProxy(vcenter: { readonly url: string }): Promise<RecordingProxy> {
  const { key, cert } = await makeIdentity({ clock: systemClock, addresses: ['127.0.0.1'] });
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  const requests: RecordedRequest[] = [];
  let view = '';

  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray());
    const { headers, method = 'POST' } = request;
    const operation = operationOf(body.toString());
    if (headers.cookie !== undefined)
      requests.push({ session: headers.cookie, operation, body: body.toString() });
    const sent = https.request(vcenter.url, { method, headers, agent }).end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const content = Buffer.concat(await answer.toArray());
    if (operation === 'CreateContainerView')
      view = /<returnval[^>]*>([^<]+)</.exec(content.toString())?.[1] ?? '';
    response.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
  };

  const server = https.createServer({ key, cert }, (request, response) => {
    forward(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/sdk`,
    sha256: sha256Of(cert),
    recording: () => toRecording(requests, view),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

const operationOf = (body: string): string => /<(?:\w+:)?Body><(\w+)/.exec(body)?.[1] ?? '';
