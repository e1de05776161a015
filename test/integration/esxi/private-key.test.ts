import ssh2 from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
import { startOddServer } from '../../support/ssh/odd-server.ts';
import { packet, sendPayload } from '../../support/ssh/raw-packets.ts';
import { ADDRESS, ask, credentialWith, failureOf, startHost } from './demo-fleet.ts';

describe('runCommand, with a private key', () => {
  const newKey = (type: 'ecdsa' | 'rsa', passphrase?: string) => {
    const bits = type === 'rsa' ? 2048 : 256;
    const encryption = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-cbc', rounds: 4 };
    return ssh2.utils.generateKeyPairSync(type, { bits, ...encryption });
  };

  it.each(['ecdsa', 'rsa'] as const)(
    'logs in by one signature of an %s key and never by a password',
    async (type) => {
      const key = newKey(type);
      await using demo = await startHost('normal', { publicKey: key.public });
      const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
      expect((await ask(demo, { credential })).authMethod).toBe('publickey');
      expect(demo.authRequests(ADDRESS)).toEqual(['none', 'publickey-query', 'publickey']);
    },
  );

  it('opens a key with its passphrase', async () => {
    const key = newKey('ecdsa', 'open sesame');
    await using demo = await startHost('publickey', { publicKey: key.public });
    const proof = { kind: 'private-key', privateKey: key.private, passphrase: 'open sesame' } as const;
    expect((await ask(demo, { credential: credentialWith(proof) })).authMethod).toBe('publickey');
  });

  it('dials nobody with a key that it cannot open', async () => {
    const key = newKey('ecdsa', 'open sesame');
    await using demo = await startHost('publickey', { publicKey: key.public });
    const dialled = vi.fn(async () => true);
    const proof = { kind: 'private-key', privateKey: key.private, passphrase: 'open, please' } as const;
    const error = await failureOf(
      ask(demo, { credential: credentialWith(proof) }, { verifyHostKey: dialled }),
    );
    expect(error).toMatchObject({ code: 'auth', credentialSent: false });
    expect(error.message).not.toContain('open, please');
    expect(dialled).not.toHaveBeenCalled();
  });

  it('sends no signature to a host that does not know the key', async () => {
    await using demo = await startHost('normal', { publicKey: newKey('ecdsa').public });
    const credential = credentialWith({ kind: 'private-key', privateKey: newKey('ecdsa').private });
    expect(await failureOf(ask(demo, { credential }))).toMatchObject({ code: 'auth', credentialSent: false });
    expect(demo.authRequests(ADDRESS)).toEqual(['none', 'publickey-query']);
  });

  it('counts a signature that was refused', async () => {
    const key = newKey('rsa');
    await using demo = await startHost('refuses-login', { publicKey: key.public });
    const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
    expect(await failureOf(ask(demo, { credential }))).toMatchObject({ code: 'auth', credentialSent: true });
    expect(demo.authRequests(ADDRESS)).toEqual(['none', 'publickey-query', 'publickey']);
  });

  it('signs no second time, whatever the host asks for', async () => {
    const signatures: string[] = [];
    const key = newKey('ecdsa');
    const blob = publicBlob(key.public);
    await using server = await startOddServer({
      onAuthentication: (context, connection) => {
        if (context.method === 'none') return context.reject(['publickey']);
        if (context.method !== 'publickey') return context.reject();
        if (context.signature === undefined) return context.accept();
        signatures.push(context.key.algo);
        // RFC 4252, 7: "yes, sign with it", in the place of an answer to the signature.
        sendPayload(connection, packet.publicKeyOk(context.key.algo, blob));
      },
    });
    const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
    const error = await failureOf(ask(server, { credential, ...at(server) }));
    expect(error).toMatchObject({ code: 'auth', credentialSent: true });
    expect(error.message).toContain('a second signature was asked for');
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(signatures).toHaveLength(1);
  });

  it('signs nothing that is asked for in the same moment as the login ends', async () => {
    const signatures: string[] = [];
    const key = newKey('ecdsa');
    await using server = await startOddServer({
      onAuthentication: (context, connection) => {
        if (context.method === 'publickey') signatures.push(context.key.algo);
        sendPayload(connection, packet.authFailure('publickey'));
        sendPayload(connection, Buffer.from([94, 0]));
        sendPayload(connection, packet.publicKeyOk('ecdsa-sha2-nistp256', publicBlob(key.public)));
      },
    });
    const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
    const error = await failureOf(ask(server, { credential, ...at(server) }));
    expect(error).toMatchObject({ code: 'banner', credentialSent: false });
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(signatures).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['rsa-sha2-512 where the host takes it', ['sha512', 'sha256'], ['sha512?', 'sha512']],
    ['rsa-sha2-256 where it takes that only', ['sha256'], ['sha512?', 'sha256?', 'sha256']],
  ])('signs with an RSA key by %s', async (_what, taken, requests) => {
    const key = newKey('rsa');
    await using server = await startRsaServer(taken);
    const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
    expect(await ask(server, { credential, ...at(server) })).toMatchObject({ authMethod: 'publickey' });
    expect(server.requests).toEqual(requests);
  });

  it('signs nothing for a host that takes RSA with SHA-1 only, and says so', async () => {
    const key = newKey('rsa');
    await using server = await startRsaServer(['sha1']);
    const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
    const error = await failureOf(ask(server, { credential, ...at(server) }));
    expect(error).toMatchObject({ code: 'auth', credentialSent: false });
    expect(error.message).toContain('RSA keys sign with SHA-512 or SHA-256 only');
    expect(server.requests).toEqual(['sha512?', 'sha256?']);
  });
});

const at = ({ address, port }: { address: string; port: number }) => ({
  target: { host: address, port },
  command: 'true',
});

function publicBlob(line: string): Buffer {
  const key = ssh2.utils.parseKey(line);
  if (key instanceof Error) throw key;
  return key.getPublicSSH();
}

/** A host that takes RSA keys with some hashes, and remembers what was asked (`?`) and signed. */
async function startRsaServer(taken: readonly string[]) {
  const requests: string[] = [];
  const server = await startOddServer({
    onAuthentication: (context) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      const hash = context.hashAlgo ?? 'sha1';
      requests.push(context.signature === undefined ? `${hash}?` : hash);
      if (!taken.includes(hash)) return context.reject(['publickey']);
      const key = ssh2.utils.parseKey(`ssh-rsa ${context.key.data.toString('base64')}`);
      const { signature, blob } = context;
      const isSigned =
        signature === undefined ||
        (!(key instanceof Error) && blob !== undefined && key.verify(blob, signature, hash));
      if (isSigned) context.accept();
      else context.reject();
    },
  });
  return Object.assign(server, { requests });
}
