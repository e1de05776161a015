import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../lib/credentials/credential.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { readEndpoint } from '../../../lib/sinks/http/configured-endpoint.ts';
import { createHttpLink } from '../../../lib/sinks/http/http-link.ts';
import { REMOTE_WRITE } from '../../../lib/sinks/remote-write/remote-write-words.ts';

const made = (name: string) =>
  generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
const running = { signal: new AbortController().signal };

/** Answers who has the certificate of `client`, and breaks off the handshake of everybody else. */
async function startPeer(client: { readonly cert: string }) {
  const { private: key, cert } = await made('peer');
  const seen: (string | undefined)[] = [];
  const options = { key, cert, ca: client.cert, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    seen.push((request.socket as TLSSocket).getPeerCertificate().subject.CN?.toString());
    response.writeHead(204).end();
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`,
    cert,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** As `remoteWrite.credentials` give it. */
async function linkTo(url: string, proof: Credential['proof'], cert: string) {
  const credential = { id: 'file:push.yaml', version: 'v1', username: 'vsweep', proof };
  const loaded = {
    config: undefined as never,
    certificates: new Map([['ca.pem', cert]]),
    knownHosts: undefined as never,
  };
  const section = { url, credentials: { file: 'push.yaml' }, tls: { ca: 'ca.pem' } };
  const endpoint = await readEndpoint(
    section,
    { loaded, credentials: { read: async () => credential } },
    running,
  );
  const retry = { clock: systemClock, log: silentLog, random: () => 0, attempts: 1 };
  return createHttpLink({ ...endpoint, ...retry }, REMOTE_WRITE);
}
const post = { method: 'POST', body: Buffer.from('x') } as const;

describe('a destination that asks for a client certificate', () => {
  it('gets that of a credential with a private key, with or without a passphrase', async () => {
    const client = await made('vsweep');
    const locked = createPrivateKey(client.private).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'tops3cret',
    });
    await using peer = await startPeer(client);
    for (const proof of [
      { kind: 'private-key', privateKey: `${client.private}\n${client.cert}` },
      { kind: 'private-key', privateKey: `${client.cert}\n${locked}`, passphrase: 'tops3cret' },
    ] as const) {
      const link = await linkTo(peer.url, proof, peer.cert);
      expect((await link.send('', post, running)).status).toBe(204);
    }
    expect(peer.seen).toEqual(['vsweep', 'vsweep']);
  });

  it('gets no request of anybody else', async () => {
    const [client, other] = await Promise.all([made('vsweep'), made('other')]);
    await using peer = await startPeer(client);
    const proof = { kind: 'private-key', privateKey: `${other.private}\n${other.cert}` } as const;
    const link = await linkTo(peer.url, proof, peer.cert);
    await expect(link.send('', post, running)).rejects.toMatchObject({ code: 'network' });
    expect(peer.seen).toEqual([]);
  });

  it('is not asked with a text that is no key with its certificate; the message has nothing of it', async () => {
    const [client, other] = await Promise.all([made('vsweep'), made('other')]);
    const of = (privateKey: string) =>
      linkTo('https://127.0.0.1:9', { kind: 'private-key', privateKey }, other.cert);
    for (const text of ['tops3cret', client.private, `${client.private}\n${other.cert}`]) {
      const error = (await of(text).catch((reason: unknown) => reason)) as Error;
      expect(error).toMatchObject({ code: 'identity-malformed' });
      expect(error.message).toMatch(
        /^the client certificate cannot be used: its text must hold a private key/,
      );
      expect(error.message).not.toContain('tops3cret');
    }
  });

  it('is not asked over http, which knows no certificates', async () => {
    const { private: key, cert } = await made('vsweep');
    const proof = { kind: 'private-key', privateKey: `${key}\n${cert}` } as const;
    await expect(linkTo('http://127.0.0.1:9', proof, cert)).rejects.toThrow(
      'remoteWrite.credentials hold a private key, for a client certificate, but remoteWrite.url is http',
    );
  });
});
