import ssh2 from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
import { newHostKey, startOddServer } from '../../support/ssh/odd-server.ts';
import { exchangeKeysWith, packet, protocolOf, sendPayload } from '../../support/ssh/raw-packets.ts';
import { ADDRESS, ask, failureOf, startHost } from './demo-fleet.ts';

const quick = { timeouts: { connectMs: 300, loginMs: 300, commandMs: 300 } };

describe('runCommand, checking the host key', () => {
  it('shows the same key each time, and another one after a new installation', async () => {
    await using demo = await startHost('normal');
    const blobs: string[] = [];
    const verifyHostKey = async ({ type, blob }: { type: string; blob: string }) => {
      expect(type).toBe('ecdsa-sha2-nistp256');
      blobs.push(blob);
      return true;
    };
    await ask(demo, {}, { verifyHostKey });
    await ask(demo, { knownKeyTypes: ['ecdsa-sha2-nistp256'] }, { verifyHostKey });
    demo.rekey(ADDRESS);
    await ask(demo, {}, { verifyHostKey });
    expect(blobs[1]).toBe(blobs[0]);
    expect(blobs[2]).not.toBe(blobs[0]);
  });

  it('sends nothing about the account to a host whose key differs', async () => {
    await using demo = await startHost('normal');
    const error = await failureOf(ask(demo, {}, { verifyHostKey: async () => false }));
    expect(error).toMatchObject({ code: 'hostkey', credentialSent: false, retryable: false });
    expect(error.message).toMatch(/SHA256:/);
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing when the key cannot be looked up', async () => {
    await using demo = await startHost('normal');
    const broken = new Error('the table does not answer');
    const error = await failureOf(ask(demo, {}, { verifyHostKey: () => Promise.reject(broken) }));
    expect(error).toMatchObject({ code: 'state', credentialSent: false, cause: broken });
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing when the look-up takes longer than the login may', async () => {
    await using demo = await startHost('normal');
    const never = () => new Promise<boolean>(() => undefined);
    const error = await failureOf(ask(demo, quick, { verifyHostKey: never }));
    expect(error).toMatchObject({ code: 'timeout', credentialSent: false });
    expect(error.message).toContain('no password was sent');
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing when the answer comes after the time was over', async () => {
    await using demo = await startHost('normal');
    const late = Promise.withResolvers<boolean>();
    await failureOf(ask(demo, quick, { verifyHostKey: () => late.promise }));
    late.resolve(true);
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing more to a host that shows another key in a second exchange before the login', async () => {
    const requests: string[] = [];
    await using server = await startOddServer({
      onAuthentication: (context, connection) => {
        requests.push(context.method);
        // The client's next request would bring the password.
        if (context.method !== 'none') return context.accept();
        exchangeKeysWith(connection, newHostKey());
        context.reject(['password']);
      },
    });
    const verifyHostKey = vi.fn(async () => true);
    const error = await failureOf(ask(server, at(server), { verifyHostKey }));
    expect(error).toMatchObject({ code: 'hostkey', credentialSent: false });
    expect(error.message).toContain('a second host key in the same connection');
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(requests).toEqual(['none']);
    expect(verifyHostKey).toHaveBeenCalledTimes(1);
  });

  it('runs nothing on a host that shows another key in a second exchange after the login', async () => {
    const commands: string[] = [];
    await using server = await startOddServer({
      onReady: (connection) => exchangeKeysWith(connection, newHostKey()),
      onExec: () => void commands.push('exec'),
    });
    const error = await failureOf(ask(server, at(server)));
    expect(error).toMatchObject({ code: 'output', credentialSent: false });
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(commands).toEqual([]);
  });

  it('looks up no key of a host that ended the conversation right after it showed it', async () => {
    await using server = await startOddServer({
      onHandshake: (connection, socket) => {
        socket.cork();
        sendPayload(connection, packet.disconnect(2, 'not today'));
        sendPayload(connection, packet.serviceAccept('ssh-userauth'));
        socket.uncork();
      },
    });
    const verifyHostKey = vi.fn(async () => true);
    const error = await failureOf(ask(server, at(server), { verifyHostKey }));
    expect(error).toMatchObject({ code: 'banner', message: expect.stringContaining('(not today)') });
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(verifyHostKey).not.toHaveBeenCalled();
  });

  it.each([
    // ssh2 ignores what is appended, and the signature is right: whoever keeps the key keeps whatever a host likes.
    ['has 15,000 bytes appended', (wire: Buffer) => Buffer.concat([wire, Buffer.alloc(15_000)])],
    ['has one byte appended', (wire: Buffer) => Buffer.concat([wire, Buffer.alloc(1)])],
  ])('looks up no key that %s, and says so', async (_what, change) => {
    const appended = (key: ssh2.ParsedKey) =>
      Object.create(key, { getPublicSSH: { value: () => change(key.getPublicSSH()) } });
    await using server = await startOddServer({
      onConnection: (connection) => {
        const key = ssh2.utils.parseKey(newHostKey());
        if (key instanceof Error) throw key;
        protocolOf(connection)._hostKeys = { [key.type]: appended(key) };
      },
    });
    const verifyHostKey = vi.fn(async () => true);
    const error = await failureOf(ask(server, at(server), { verifyHostKey }));
    expect(error).toMatchObject({
      code: 'hostkey',
      credentialSent: false,
      message: expect.stringContaining('a host key of a type that was not offered'),
    });
    expect(verifyHostKey).not.toHaveBeenCalled();
  });

  it('goes on when a host exchanges keys again with the same host key', async () => {
    const hostKey = newHostKey();
    let exchanges = 0;
    await using server = await startOddServer({
      hostKeys: [hostKey],
      onHandshake: () => {
        exchanges += 1;
      },
      onReady: (connection) => exchangeKeysWith(connection, hostKey),
    });
    expect(await ask(server, at(server))).toMatchObject({ stdout: 'said\n' });
    expect(exchanges).toBe(2);
  });
});

const at = ({ address, port }: { address: string; port: number }) => ({
  target: { host: address, port },
  command: 'true',
});
