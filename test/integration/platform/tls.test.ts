import { once } from 'node:events';
import https from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTlsAgent, sha256Of, type TlsAgentOptions, type TlsTrust } from '../../../lib/platform/tls.ts';
import { keepAliveTimers } from '../../support/tcp-timers.ts';

const OTHER_PIN = Array.from({ length: 32 }, () => 'AB').join(':');

interface Peer {
  readonly server: https.Server;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  /** Plain bytes of requests that arrived, and connections that were made. */
  readonly seen: { requestBytes: number; connections: number };
}

async function startPeer(): Promise<Peer> {
  const made = await generate([{ name: 'commonName', value: 'peer' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const seen = { requestBytes: 0, connections: 0 };
  const server = https.createServer(
    { key: made.private, cert: made.cert, ALPNProtocols: ['http/1.0', 'http/1.1'] },
    ({ url }, response) => {
      if (url !== '/never') response.end('hello');
    },
  );
  server.on('secureConnection', (socket) => {
    seen.connections += 1;
    socket.on('data', (bytes: Buffer) => {
      seen.requestBytes += bytes.length;
    });
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, port, cert: made.cert, key: made.private, seen };
}

/** One GET through a new agent, or through the given one. */
async function get(
  port: number,
  agent: https.Agent,
  host = '127.0.0.1',
): Promise<{ text: string; reused: boolean }> {
  const request = https.get({ host, port, path: '/', agent });
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { text, reused: request.reusedSocket };
}

async function getWith(trust: TlsTrust | undefined, port: number, options?: TlsAgentOptions, host?: string) {
  const agent = createTlsAgent(trust, options);
  try {
    return await get(port, agent, host);
  } finally {
    agent.destroy();
  }
}

describe('createTlsAgent', () => {
  let peer: Peer;
  beforeAll(async () => {
    peer = await startPeer();
  });
  afterAll(() => {
    peer.server.close();
    peer.server.closeAllConnections();
  });

  it('talks to a server whose certificate is pinned, however the pin is written', async () => {
    const pin = sha256Of(peer.cert);
    expect((await getWith({ sha256: [pin] }, peer.port)).text).toBe('hello');
    expect((await getWith({ sha256: [pin.replaceAll(':', '').toLowerCase()] }, peer.port)).text).toBe(
      'hello',
    );
  });

  it('takes any of several pins, so that a certificate can be changed', async () => {
    expect((await getWith({ sha256: [OTHER_PIN, sha256Of(peer.cert)] }, peer.port)).text).toBe('hello');
  });

  it('sends no byte of the request to a server whose certificate is not pinned', async () => {
    const before = peer.seen.requestBytes;
    await expect(getWith({ sha256: [OTHER_PIN] }, peer.port)).rejects.toMatchObject({
      name: 'TlsTrustError',
      code: 'pin-mismatch',
      message:
        `127.0.0.1:${peer.port} presented a certificate that is not pinned (SHA-256 ${sha256Of(peer.cert)}); ` +
        'nothing was sent to it. If this certificate is the right one, replace its tls in the configuration by:  ' +
        `tls: { sha256: ["${OTHER_PIN}", "${sha256Of(peer.cert)}"] }`,
    });
    expect((await getWith({ ca: peer.cert }, peer.port)).text).toBe('hello');
    const oneRequest = peer.seen.requestBytes - before;
    expect(oneRequest).toBeGreaterThan(0);
    await expect(getWith({ sha256: [OTHER_PIN] }, peer.port)).rejects.toThrow('not pinned');
    expect(peer.seen.requestBytes - before).toBe(oneRequest);
  });

  it('talks to whoever answers only when it is told to', async () => {
    expect((await getWith({ insecure: true }, peer.port)).text).toBe('hello');
    await expect(getWith({ issuers: 'system' }, peer.port)).rejects.toMatchObject({ code: 'untrusted' });
  });

  it('says whether a trust is there that the remedy replaces, so that what is pasted is no second one', async () => {
    const line = `tls: { sha256: ["${sha256Of(peer.cert)}"] }`;
    await expect(getWith(undefined, peer.port)).rejects.toThrow(`add to the configuration:  ${line}`);
    const other = await generate([{ name: 'commonName', value: 'other' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    await expect(getWith({ ca: other.cert }, peer.port)).rejects.toThrow(
      `replace its tls in the configuration by:  ${line}`,
    );
  });

  it('names the remedy in the words of the configuration', async () => {
    const words = {
      pin: (sha256: string, pinned: readonly string[]) => `PIN=${[...pinned, sha256].join()}`,
      change: () => 'set',
      ca: 'CA=<file>',
    };
    const pin = sha256Of(peer.cert);
    await expect(getWith({ sha256: [OTHER_PIN], words }, peer.port)).rejects.toThrow(
      `PIN=${OTHER_PIN},${pin}`,
    );
    await expect(getWith({ issuers: 'system', words }, peer.port)).rejects.toThrow(
      new RegExp(`Name a file with its issuer: {2}CA=<file>\\. .*PIN=${pin}`),
    );
  });

  it('believes the issuers of a bundle', async () => {
    const other = await generate([{ name: 'commonName', value: 'other' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    expect((await getWith({ ca: `${other.cert}\n${peer.cert}` }, peer.port)).text).toBe('hello');
    const before = peer.seen.requestBytes;
    await expect(getWith({ ca: other.cert }, peer.port)).rejects.toMatchObject({
      code: 'untrusted',
      message: expect.stringContaining(
        'The file in tls.ca does not contain its issuer. Name the right file:  tls: { ca: <file> }',
      ),
    });
    expect(peer.seen.requestBytes).toBe(before);
  });

  it('wants the address in the certificate when it goes by issuers', async () => {
    const before = peer.seen.requestBytes;
    await expect(getWith({ ca: peer.cert }, peer.port, {}, 'localhost')).rejects.toMatchObject({
      code: 'untrusted',
      message: expect.stringMatching(
        /it is valid for IP Address:127\.0\.0\.1, not for "localhost"\); nothing was sent to it\. Write the url with a name that the certificate has, or pin/,
      ),
    });
    expect(peer.seen.requestBytes).toBe(before);
  });

  it('does not believe a self-signed certificate without being told, and shows the line to configure', async () => {
    const before = peer.seen.requestBytes;
    await expect(getWith(undefined, peer.port)).rejects.toMatchObject({
      code: 'untrusted',
      message: expect.stringContaining(sha256Of(peer.cert)),
    });
    expect(peer.seen.requestBytes).toBe(before);
  });

  it('names the address that it asked for where there is no name', async () => {
    const everywhere = https.createServer({ key: peer.key, cert: peer.cert });
    everywhere.listen(0, '0.0.0.0');
    await once(everywhere, 'listening');
    const { port } = everywhere.address() as AddressInfo;
    await expect(getWith({ ca: peer.cert }, port, {}, '127.0.0.2')).rejects.toThrow(
      'it is valid for IP Address:127.0.0.1, not for "127.0.0.2"',
    );
    everywhere.close();
    everywhere.closeAllConnections();
  });

  it('asks for HTTP/1.1 and nothing else', async () => {
    const asked = once(peer.server, 'secureConnection');
    await getWith({ insecure: true }, peer.port);
    const [socket] = await asked;
    expect(socket.alpnProtocol).toBe('http/1.1');
  });

  it('asks for a sign of life while it waits for an answer', async () => {
    const agent = createTlsAgent({ insecure: true });
    const asked = once(peer.server, 'request');
    const request = https.get({ port: peer.port, host: '127.0.0.1', path: '/never', agent });
    request.on('error', () => undefined);
    await asked;
    await expect.poll(() => keepAliveTimers(peer.port)).toEqual([expect.any(Number)]);
    agent.destroy();
  });

  it('says once how a connection came about, whatever becomes of it', async () => {
    const agent = createTlsAgent({ insecure: true });
    const told: unknown[] = [];
    const made = Promise.withResolvers<Duplex>();
    agent.createConnection({ host: '127.0.0.1', port: peer.port, servername: '' }, (error, socket) => {
      told.push(error);
      made.resolve(socket);
    });
    const socket = await made.promise;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy(new Error('it broke'));
    await closed;
    expect(told).toEqual([null]);
    agent.destroy();
  });

  it('uses a checked connection again', async () => {
    const agent = createTlsAgent({ sha256: [sha256Of(peer.cert)] });
    try {
      const connections = peer.seen.connections;
      expect((await get(peer.port, agent)).reused).toBe(false);
      expect((await get(peer.port, agent)).reused).toBe(true);
      expect(peer.seen.connections).toBe(connections + 1);
    } finally {
      agent.destroy();
    }
  });
});

describe('createTlsAgent before the handshake is over', () => {
  let silent: Server;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('gives up on a peer that accepts and says nothing', async () => {
    const { port } = silent.address() as AddressInfo;
    await expect(getWith({ sha256: [OTHER_PIN] }, port, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: `127.0.0.1:${port}: the TLS handshake timed out`,
    });
  });

  it('says that the DNS gave no answer, and not that the peer was silent, where no address was known by then', async () => {
    const agent = createTlsAgent({ sha256: [OTHER_PIN] }, { connectTimeoutMs: 50, lookup: () => undefined });
    const request = https.get({ host: 'vc01.example.org', agent });
    const [error] = await once(request, 'error');
    expect(error).toMatchObject({
      code: 'EAI_AGAIN',
      message: 'the DNS did not answer for vc01.example.org',
    });
    agent.destroy();
  });

  it('closes a connection that is still being made when the agent is destroyed', async () => {
    const { port } = silent.address() as AddressInfo;
    const agent = createTlsAgent({ sha256: [OTHER_PIN] });
    const accepted = once(silent, 'connection');
    const asked = get(port, agent);
    await accepted;
    agent.destroy();
    await expect(asked).rejects.toMatchObject({
      code: 'ECONNRESET',
      message: `127.0.0.1:${port} closed the connection during the TLS handshake`,
    });
  });

  it('says of a server that speaks no TLS what it may be', async () => {
    const plain = createServer(
      (socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400\r\n\r\n'),
    );
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    await expect(getWith({ sha256: [OTHER_PIN] }, port)).rejects.toThrow(
      `127.0.0.1:${port} does not speak TLS. Check that the port of the url is an HTTPS port`,
    );
    plain.close();
  });

  it('names a refused connection by its code', async () => {
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    await expect(getWith({ sha256: [OTHER_PIN] }, port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a malformed trust', () => {
  it('is refused before any connection', () => {
    expect(() => createTlsAgent({ sha256: [] })).toThrow('at least one');
    expect(() => createTlsAgent({ sha256: ['AB:CD'] })).toThrow('"AB:CD" is not a SHA-256 fingerprint');
    expect(() => createTlsAgent({ ca: 'no pem' })).toThrow(
      'tls.ca cannot be read: it contains no PEM certificate. It must hold PEM certificates (-----BEGIN CERTIFICATE-----)',
    );
    expect(() =>
      createTlsAgent({ ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }),
    ).toThrow('tls.ca cannot be read');
  });
});
