import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { readPresentedKey } from '../../../lib/esxi/read-presented-key.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { withHeartbeat } from '../../../lib/platform/heartbeat.ts';
import { newHostKey, startOddServer } from '../../support/ssh/odd-server.ts';
import { ADDRESS, ask, startHost } from './demo-fleet.ts';

const { signal } = new AbortController();
const timeouts = { connectMs: 5_000, loginMs: 5_000 };
const read = (port: number, limits = timeouts, clock = systemClock) =>
  readPresentedKey({ target: { host: ADDRESS, port }, timeouts: limits }, { clock }, { signal });

describe('readPresentedKey', () => {
  it('is the key that a login sees, and asks for nothing that has to do with an account', async () => {
    await using demo = await startHost('normal');
    const key = await read(demo.port);
    expect(demo.authRequests(ADDRESS)).toEqual([]);
    let seen: unknown;
    const verifyHostKey = async (shown: object) => {
      seen = shown;
      return true;
    };
    await ask(demo, {}, { verifyHostKey });
    expect(key).toEqual(seen);
    expect(demo.loginAttempts(ADDRESS)).toEqual({ accepted: 1, refused: 0 });
  });

  it.each(['ssh-rsa', 'ecdsa-sha2-nistp256'])('is the one of the type that is known: %s', async (type) => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
      type: 'pkcs1',
      format: 'pem',
    });
    await using server = await startOddServer({ address: ADDRESS, hostKeys: [newHostKey(), String(rsa)] });
    const key = await readPresentedKey(
      { target: { host: ADDRESS, port: server.port }, timeouts, knownKeyTypes: [type] },
      { clock: systemClock },
      { signal },
    );
    expect(key.type).toBe(type);
  });

  it('says where it ended when no key comes', async () => {
    await using silent = await startHost('silent');
    const short = { connectMs: 5_000, loginMs: 200 };
    await expect(read(silent.port, short)).rejects.toMatchObject({
      code: 'banner',
      credentialSent: false,
      cause: { message: `the key exchange with ${ADDRESS}:${silent.port}: out of time` },
    });
  });

  it.each([
    ['normal', 5_000],
    ['silent', 200],
  ] as const)('keeps no connection of a host: %s', async (behaviour, loginMs) => {
    await using demo = await startHost(behaviour);
    await read(demo.port, { connectMs: 5_000, loginMs }).catch(() => undefined);
    await vi.waitFor(() => expect(demo.connections()).toBe(0), 20_000);
  });

  it('waits for the key as much longer as this process was stalled', async () => {
    await using demo = await startHost('normal');
    const loginMs = 1_500;
    // Stands still for longer than the time-out when the client has begun, as a process does that is stopped.
    const relay = createServer((client) => {
      client.once('data', (first) => {
        const until = performance.now() + 2 * loginMs;
        while (performance.now() < until);
        const host = connect(demo.port, ADDRESS);
        host.write(first);
        client.pipe(host).pipe(client);
        client.on('error', () => host.destroy());
      });
    }).listen(0, ADDRESS);
    await once(relay, 'listening');
    using clock = withHeartbeat(systemClock);
    const { port } = relay.address() as AddressInfo;
    try {
      expect(await read(port, { connectMs: 5_000, loginMs }, clock)).toEqual(await read(demo.port));
    } finally {
      relay.close();
    }
  });
});
