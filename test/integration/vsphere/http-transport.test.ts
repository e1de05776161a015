import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import * as tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIdentity, type TlsIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { sha256Of } from '../../../lib/platform/tls.ts';
import { retrievePages } from '../../../lib/vsphere/property/retrieve-pages.ts';
import {
  createHttpTransport,
  type HttpTransportOptions,
} from '../../../lib/vsphere/transport/http-transport.ts';
import type { SoapReply } from '../../../lib/vsphere/transport/transport.ts';
import { rejectionOf, testSignal } from './demo-target.ts';

const signal = testSignal();
const CALL = { operation: 'RetrieveServiceContent', body: '<RetrieveServiceContent xmlns="urn:vim25"/>' };
const XML = { 'Content-Type': 'text/xml; charset=utf-8' };

let identity: TlsIdentity;
beforeAll(async () => {
  identity = await makeIdentity({ clock: systemClock, addresses: ['127.0.0.1'] });
});

interface Peer extends AsyncDisposable {
  readonly port: number;
  readonly requests: IncomingMessage[];
}

/** A server that answers every request with this handler, after its body has come. */
async function startPeer(
  handler: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Peer> {
  const requests: IncomingMessage[] = [];
  const server = https.createServer({ key: identity.key, cert: identity.cert }, (request, response) => {
    requests.push(request);
    request.resume().once('end', () => handler(response, request));
  });
  // Otherwise a connection that the client forgot would close by itself.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function transportTo(port: number, options: Partial<HttpTransportOptions> = {}) {
  const url = `https://127.0.0.1:${port}/sdk`;
  const endpoint = { name: 'vc01', url, tls: { sha256: [sha256Of(identity.cert)] } };
  return createHttpTransport({ endpoint, userAgent: 'vsweep/1.2.3', ...options });
}

/** Resolves when the connection of a request is closed, well or not. */
function closing(request: IncomingMessage | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  request?.socket.on('error', () => undefined).once('close', () => resolve());
  return promise;
}

async function textOf(reply: SoapReply): Promise<string> {
  await using _ = reply;
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of reply.body) text += decoder.decode(bytes, { stream: true });
  return text;
}

describe('a request', () => {
  it('says who asks and which protocol, and carries the cookie that the session got', async () => {
    await using peer = await startPeer((response) => {
      const cookie = ['other=1', 'vmware_soap_session="abc-1"; Path=/; HttpOnly; Secure;'];
      response.writeHead(200, { ...XML, 'Set-Cookie': cookie }).end('<a/>');
    });
    using transport = transportTo(peer.port);
    await textOf(await transport(CALL, { signal }));
    await textOf(await transport(CALL, { signal }));
    const [first, second] = peer.requests.map(({ headers }) => headers);
    expect(first).toMatchObject({
      soapaction: '"urn:vim25/6.5"',
      'user-agent': 'vsweep/1.2.3',
      'content-type': 'text/xml; charset=utf-8',
    });
    expect(first?.cookie).toBeUndefined();
    expect(second?.cookie).toBe('vmware_soap_session="abc-1"');
  });

  it('uses the connection again after a reply that was read, and closes it after one that was not', async () => {
    await using peer = await startPeer((response) => response.writeHead(200, XML).end('x'.repeat(1_000_000)));
    using transport = transportTo(peer.port);
    await textOf(await transport(CALL, { signal }));
    const unread = await transport(CALL, { signal });
    expect(peer.requests[1]?.socket).toBe(peer.requests[0]?.socket);
    const closed = closing(peer.requests[1]);
    await unread[Symbol.asyncDispose]();
    await closed;
  });

  it('is told to the caller as sent when it leaves, and not before', async () => {
    await using peer = await startPeer((response) => response.writeHead(200, XML).end('<a/>'));
    using transport = transportTo(peer.port);
    let sent = 0;
    const onSent = () => {
      sent += 1;
    };
    await textOf(await transport(CALL, { signal, onSent }));
    expect(sent).toBe(1);
    await rejectionOf(transport(CALL, { signal: AbortSignal.abort(), onSent }));
    expect(sent).toBe(1);
  });
});

describe('a reply', () => {
  it('is delivered object by object while it still streams', async () => {
    const objects = (id: string) => `<objects><obj type="HostSystem">${id}</obj></objects>`;
    const { promise: goOn, resolve: firstWasRead } = Promise.withResolvers<void>();
    await using peer = await startPeer((response) => {
      response.writeHead(200, XML);
      response.write(
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><RetrievePropertiesExResponse>' +
          `<returnval>${objects('host-1')}`,
      );
      void goOn.then(() =>
        response.end(`${objects('host-2')}</returnval></RetrievePropertiesExResponse></e:Body></e:Envelope>`),
      );
    });
    using transport = transportTo(peer.port);
    const reference = { type: 'X', value: 'x' };
    const content = { rootFolder: reference, propertyCollector: reference, viewManager: reference };
    const about = { fullName: '', apiType: '', version: '', fields: new Map<string, string>() };
    const session = {
      transport,
      content: { ...content, sessionManager: reference, about },
      tidyUp: async () => undefined,
    };
    const seen: string[] = [];
    for await (const { moref } of retrievePages(session, '', { signal })) {
      seen.push(moref.value);
      firstWasRead();
    }
    expect(seen).toEqual(['host-1', 'host-2']);
  });

  it('is bounded, announced or not', async () => {
    await using peer = await startPeer((response, { headers }) => {
      const length = headers['user-agent'] === 'announcing' ? { 'Content-Length': 5_000 } : {};
      response.writeHead(200, { ...XML, ...length }).end('x'.repeat(5_000));
    });
    for (const userAgent of ['announcing', 'chunked']) {
      using transport = transportTo(peer.port, { maxReplyBytes: 4_999, userAgent });
      expect(await rejectionOf(textOf(await transport(CALL, { signal })))).toMatchObject({
        code: 'too-large',
      });
      using enough = transportTo(peer.port, { maxReplyBytes: 5_000, userAgent });
      expect(await textOf(await enough(CALL, { signal }))).toHaveLength(5_000);
    }
  });

  it.each([
    [200, 'text/html', 'not-soap', false],
    [302, 'text/html', 'status', false],
    [404, 'text/plain', 'status', false],
    [503, 'text/plain', 'status', true],
    [500, 'text/html', 'status', false],
    [503, 'text/xml', 'status', true],
    [500, 'text/xml', 'status', false],
    [401, 'application/xml', 'status', false],
  ])('of %i and %s is no reply: %s, retryable %s', async (status, type, code, retryable) => {
    await using peer = await startPeer((response) => {
      response.writeHead(status, { 'Content-Type': type, Location: '/elsewhere' }).end('<html>');
    });
    using transport = transportTo(peer.port);
    const error = await rejectionOf(transport(CALL, { signal }));
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(
      `RetrieveServiceContent on vc01 was answered with HTTP ${status} and ${type}`,
    );
    expect(peer.requests).toHaveLength(1);
  });

  it('of 503 without a content type names the status and says where to look', async () => {
    await using peer = await startPeer((response) => response.writeHead(503).end('no healthy upstream'));
    using transport = transportTo(peer.port);
    const error = await rejectionOf(transport(CALL, { signal }));
    expect(error.message).toMatch(/HTTP 503 and no content type instead of SOAP: .* look at the health/);
  });

  it('that is an endless error is not read to its end', async () => {
    await using peer = await startPeer((response) => {
      response.writeHead(500, XML);
      const more = () => {
        while (!response.destroyed && response.write(`<!-- ${'x'.repeat(10_000)} -->`));
      };
      response.on('drain', more);
      more();
    });
    using transport = transportTo(peer.port);
    expect(await rejectionOf(transport(CALL, { signal }))).toMatchObject({ code: 'too-large' });
  });

  it('that stops coming is ended by the idle time, without any signal', async () => {
    await using peer = await startPeer((response) => response.writeHead(200, XML).write('<a>'));
    using transport = transportTo(peer.port, { idleTimeoutMs: 50 });
    expect(await rejectionOf(textOf(await transport(CALL, { signal })))).toMatchObject({ code: 'truncated' });
  });

  it('that never begins is ended by the idle time too', async () => {
    await using peer = await startPeer(() => undefined);
    using transport = transportTo(peer.port, { idleTimeoutMs: 50 });
    expect(await rejectionOf(transport(CALL, { signal }))).toMatchObject({
      code: 'timeout',
      retryable: true,
    });
  });

  it('that the signal ends closes the connection on the far side', async () => {
    await using peer = await startPeer((response) => response.writeHead(200, XML).write('<a>'));
    using transport = transportTo(peer.port);
    const work = new AbortController();
    const reply = await transport(CALL, { signal: work.signal });
    const closed = closing(peer.requests[0]);
    const read = rejectionOf(textOf(reply));
    work.abort(new Error('enough'));
    expect((await read).message).toBe('enough');
    await closed;
  });
});

describe('a peer that is no HTTPS server', () => {
  const servers: { close: () => void }[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  it('is told apart when it speaks no TLS', async () => {
    const port = await portOf(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    using transport = transportTo(port);
    const error = await rejectionOf(transport(CALL, { signal }));
    expect(error).toMatchObject({ code: 'tls', retryable: false });
    expect(error.message).toMatch(/does not speak TLS; .* plain HTTP .*Check the port of the url/);
    expect(error.message).not.toMatch(/openssl|error:|\n/i);
  });

  it('is told apart when it speaks no HTTP', async () => {
    const server = tls.createServer({ key: identity.key, cert: identity.cert }, (socket) => {
      socket.once('data', () => socket.end('220 mail ready\r\n'));
    });
    using transport = transportTo(await portOf(server));
    expect(await rejectionOf(transport(CALL, { signal }))).toMatchObject({ code: 'not-soap' });
  });

  it('is told apart when it closes without an answer', async () => {
    const server = tls.createServer({ key: identity.key, cert: identity.cert }, (socket) => {
      socket.once('data', () => socket.end());
    });
    using transport = transportTo(await portOf(server));
    expect(await rejectionOf(transport(CALL, { signal }))).toMatchObject({
      code: 'cut-off',
      retryable: true,
    });
  });
});
