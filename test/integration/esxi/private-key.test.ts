import ssh2 from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
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

  it('counts a signature that was refused, and signs no second time', async () => {
    const key = newKey('rsa');
    await using demo = await startHost('refuses-login', { publicKey: key.public });
    const credential = credentialWith({ kind: 'private-key', privateKey: key.private });
    expect(await failureOf(ask(demo, { credential }))).toMatchObject({ code: 'auth', credentialSent: true });
    expect(demo.authRequests(ADDRESS)).toEqual(['none', 'publickey-query', 'publickey']);
  });
});
