import { KeyObject } from 'node:crypto';
import type { Algorithms, Client } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';
import { KEY_PLACES, keepKeysAsObjects } from '../../../lib/esxi/keys-as-objects.ts';
import { logIn } from '../../../lib/esxi/log-in.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startOddServer } from '../../support/ssh/odd-server.ts';
import { rightPassword } from './demo-fleet.ts';

type Parts = Record<string, Record<string, unknown>> & { rekey(): void };
const protocolOf = (client: Client) => (client as unknown as { _protocol: Parts })._protocol;

/** The kinds of the keys that a connection has, by where they are. */
const keysOf = (client: Client) =>
  KEY_PLACES.flatMap(([part, field]) => {
    const key = protocolOf(client)[part]?.[field];
    return key === undefined ? [] : [key instanceof KeyObject ? 'object' : 'bytes'];
  });

const said = (client: Client): Promise<string> =>
  new Promise((resolve, reject) => {
    client.exec('say', (error, channel) => {
      if (error) reject(error);
      let text = '';
      channel?.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      channel?.on('close', () => resolve(text));
    });
  });

async function logInWith(algorithms: Algorithms) {
  const server = await startOddServer({ algorithms, address: '127.0.63.9' });
  const target = { host: server.address, port: server.port };
  const socket = await connectTcp(target, {}, { signal: new AbortController().signal });
  const request = {
    ...{ socket, target, credential: rightPassword, answerMs: 0 },
    clock: systemClock,
    verifyHostKey: async () => true,
  };
  const { client } = await logIn(request, {
    signal: new AbortController().signal,
    remainingMs: () => 60_000,
  });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.on('error', () => undefined);
      socket.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('the keys of a connection', () => {
  it.each<[cipher: string, hmac: string]>([
    ['aes128-gcm@openssh.com', 'hmac-sha2-256'],
    ['aes256-gcm@openssh.com', 'hmac-sha2-256'],
    ['aes128-ctr', 'hmac-sha2-256-etm@openssh.com'],
    ['aes256-ctr', 'hmac-sha2-512'],
  ])('are key objects, after a second exchange as well: %s with %s', async (cipher, hmac) => {
    await using host = await logInWith({ cipher: [cipher], hmac: [hmac] } as Algorithms);
    const { client } = host;
    expect(keysOf(client)).toEqual(['object', 'object']);
    expect(await said(client)).toBe('said\n');
    const exchanged = new Promise((resolve) => client.once('handshake', resolve));
    protocolOf(client).rekey();
    await exchanged;
    expect(keysOf(client)).toEqual(['object', 'object']);
    expect(await said(client)).toBe('said\n');
  });

  it('stay what they are where they are not found', () => {
    const of = (protocol: unknown) => () => keepKeysAsObjects({ _protocol: protocol } as never);
    for (const protocol of [undefined, {}, { _cipher: {} }, { _cipher: { _encKey: 'text' } }]) {
      expect(of(protocol)).not.toThrow();
    }
  });
});
