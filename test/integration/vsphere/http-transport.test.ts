import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import * as tls from 'node:tls';
import { createGzip, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIdentity, type TlsIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { answerEnvelope, DemoFault, faultBody } from '../../../lib/demo/vcenter/soap-answer.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { sha256Of } from '../../../lib/platform/tls.ts';
import { retrievePages } from '../../../lib/vsphere/property/retrieve-pages.ts';
import type { SoapReply } from '../../../lib/vsphere/soap/transport.ts';
import {
  createHttpTransport,
  type HttpTransportOptions,
} from '../../../lib/vsphere/transport/http-transport.ts';
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

  it('keeps the session of the vCenter whatever cookie the vSAN service sets', async () => {
    await using peer = await startPeer((response, { url }) => {
      const value = url === '/vsanHealth' ? 'foreign' : 'own';
      response.writeHead(200, { ...XML, 'Set-Cookie': `vmware_soap_session=${value}; Path=/` }).end('<a/>');
    });
    using transport = transportTo(peer.port);
    const asked = (service: 'vsan' | undefined) =>
      transport({ ...CALL, ...(service && { service }) }, { signal });
    for (const service of ['vsan', undefined, 'vsan', undefined] as const) await textOf(await asked(service));
    expect(peer.requests.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      undefined,
      'vmware_soap_session=own',
      'vmware_soap_session=own',
    ]);
  });

  it.each(['vmware_soap_session="abc-1"', 'vmware_soap_session=abc-1'])(
    'hides the secret of the call and that of the cookie %s where a fault quotes both',
    async (cookie) => {
      await using peer = await startPeer((response) => {
        const quoted = faultBody(new DemoFault('InvalidRequest', `no session abc-1 for ticket-7`));
        response.writeHead(500, { ...XML, 'Set-Cookie': `${cookie}; Path=/` }).end(answerEnvelope(quoted));
      });
      using transport = transportTo(peer.port);
      const error = await rejectionOf(transport({ ...CALL, secret: 'ticket-7' }, { signal }));
      expect(error.message).toMatch(/InvalidRequest/);
      expect(error.message).not.toMatch(/abc-1|ticket-7/);
    },
  );

  it('with a secret is answered by the kind of a fault alone, since its words may hold the secret in other letters', async () => {
    await using peer = await startPeer((response) => {
      const quoted = answerEnvelope(faultBody(new DemoFault('InvalidRequest', 'no session for TICKET-7')));
      response.writeHead(200, XML).end(quoted);
    });
    using transport = transportTo(peer.port);
    expect(await transport({ ...CALL, secret: 'ticket-7' }, { signal })).toMatchObject({
      isConfidential: true,
    });
    expect(await transport(CALL, { signal })).not.toHaveProperty('isConfidential');
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

  it('with a secret goes over a new connection, because the kept one may be closed without our knowing', async () => {
    await using peer = await startPeer((response) => response.writeHead(200, XML).end('<a/>'));
    using transport = transportTo(peer.port);
    await textOf(await transport(CALL, { signal }));
    // In the same turn, as in a process that was stalled meanwhile: the word of it is not read.
    peer.requests[0]?.socket.destroy();
    await textOf(await transport({ ...CALL, secret: 'ticket' }, { signal }));
    await textOf(await transport(CALL, { signal }));
    const [first, withSecret, after] = peer.requests.map(({ socket }) => socket);
    expect(withSecret).not.toBe(first);
    expect(after).toBe(withSecret);
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

  const ENCODED = '<a>vCenter</a>'.repeat(10_000);

  it.each([
    ['gzip', gzipSync(ENCODED)],
    ['GZip', gzipSync(ENCODED)],
    ['x-gzip', gzipSync(ENCODED)],
    ['deflate', deflateSync(ENCODED)],
    ['identity', Buffer.from(ENCODED)],
  ])(
    'is read when it comes as %s, although nobody asked for it, and its connection used again',
    async (encoding, body) => {
      await using peer = await startPeer((response) =>
        response.writeHead(200, { ...XML, 'Content-Encoding': encoding }).end(body),
      );
      using transport = transportTo(peer.port);
      expect(await textOf(await transport(CALL, { signal }))).toBe(ENCODED);
      expect(await textOf(await transport(CALL, { signal }))).toBe(ENCODED);
      expect(peer.requests[1]?.socket).toBe(peer.requests[0]?.socket);
      expect(peer.requests[0]?.headers).not.toHaveProperty('accept-encoding');
    },
  );

  it('is delivered as it comes when it is compressed', async () => {
    const { promise: goOn, resolve: firstWasRead } = Promise.withResolvers<void>();
    await using peer = await startPeer((response) => {
      const gzip = createGzip();
      gzip.pipe(response.writeHead(200, { ...XML, 'Content-Encoding': 'gzip' }));
      gzip.write('first');
      gzip.flush();
      void goOn.then(() => gzip.end('last'));
    });
    using transport = transportTo(peer.port);
    await using reply = await transport(CALL, { signal });
    const parts: string[] = [];
    for await (const bytes of reply.body) {
      parts.push(Buffer.from(bytes).toString());
      firstWasRead();
    }
    expect(parts).toEqual(['first', 'last']);
  });

  it('is bounded by what is decoded: a gigabyte in a megabyte ends at the limit, and the connection with it', async () => {
    const megabyte = Buffer.alloc(2 ** 20);
    await using peer = await startPeer((response) => {
      const gzip = createGzip();
      gzip.pipe(response.writeHead(200, { ...XML, 'Content-Encoding': 'gzip' }));
      response.once('close', () => gzip.destroy());
      const more = () => {
        while (!gzip.destroyed && gzip.write(megabyte));
      };
      gzip.on('drain', more);
      more();
    });
    using transport = transportTo(peer.port, { maxReplyBytes: 8 * 2 ** 20 });
    const reply = await transport(CALL, { signal });
    const closed = closing(peer.requests[0]);
    let most = 0;
    const read = async () => {
      for await (const bytes of reply.body) most += bytes.length;
    };
    expect(await rejectionOf(read())).toMatchObject({
      code: 'too-large',
      message: 'the answer to RetrieveServiceContent on vc01 is larger than 8388608 bytes',
    });
    expect(most).toBeLessThanOrEqual(8 * 2 ** 20);
    await closed;
  });

  it.each([
    [
      'an encoding that is not read',
      'br',
      Buffer.from('x'),
      'not-soap',
      'has the unsupported Content-Encoding "br"',
    ],
    ['two of them', 'gzip, gzip', gzipSync('x'), 'not-soap', '"gzip, gzip"'],
    ['the name of a property of every object', 'constructor', Buffer.from('x'), 'not-soap', '"constructor"'],
    ['what is no gzip', 'gzip', Buffer.from(ENCODED), 'malformed', 'does not match its Content-Encoding'],
    ['half of it', 'gzip', gzipSync(ENCODED).subarray(0, 60), 'truncated', 'was cut off after'],
  ] as const)('says what it is with %s', async (_what, encoding, body, code, message) => {
    await using peer = await startPeer((response) =>
      response.writeHead(200, { ...XML, 'Content-Encoding': encoding }).end(body),
    );
    using transport = transportTo(peer.port);
    const error = await rejectionOf(transport(CALL, { signal }).then(textOf));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('that is compressed and cut off by the far side is truncated', async () => {
    await using peer = await startPeer((response) => {
      const body = gzipSync(randomBytes(100_000));
      response.writeHead(200, { ...XML, 'Content-Encoding': 'gzip', 'Content-Length': body.length });
      response.write(body.subarray(0, 50_000), () => response.destroy());
    });
    using transport = transportTo(peer.port);
    const error = await rejectionOf(transport(CALL, { signal }).then(textOf));
    expect(error).toMatchObject({ code: 'truncated' });
  });

  it('that is a fault is read when it is compressed', async () => {
    const fault = gzipSync(answerEnvelope(faultBody(new DemoFault('InvalidLogin', 'no'))));
    await using peer = await startPeer((response) =>
      response.writeHead(500, { ...XML, 'Content-Encoding': 'gzip' }).end(fault),
    );
    using transport = transportTo(peer.port);
    expect(await rejectionOf(transport(CALL, { signal }))).toMatchObject({ fault: 'InvalidLogin' });
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
    [429, 'text/plain', 'status', true],
    [501, 'text/plain', 'status', false],
    [502, 'text/html', 'status', true],
    [503, 'text/plain', 'status', true],
    [504, 'text/html', 'status', true],
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
    expect(error.message).toContain(`RetrieveServiceContent on vc01 returned HTTP ${status} and ${type}`);
    expect(peer.requests).toHaveLength(1);
  });

  it('of 503 without a content type names the status and says where to look', async () => {
    await using peer = await startPeer((response) => response.writeHead(503).end('no healthy upstream'));
    using transport = transportTo(peer.port);
    const error = await rejectionOf(transport(CALL, { signal }));
    expect(error.message).toMatch(/HTTP 503 and no content type instead of SOAP: .* Check the health/);
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
    expect(error.message).toMatch(/does not speak TLS\. Check that the port of the url is an HTTPS port/);
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
