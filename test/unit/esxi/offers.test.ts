import { createPublicKey, generateKeyPairSync, KeyObject, verify } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { offeredAlgorithms } from '../../../lib/esxi/algorithms.ts';
import { createAuthAttempt } from '../../../lib/esxi/authentication.ts';
import { keepKeysAsObjects } from '../../../lib/esxi/keys-as-objects.ts';
import { createResolveName } from '../../../lib/esxi/resolve-name.ts';
import { systemClock } from '../../../lib/platform/clock.ts';

describe('what is offered to a host', () => {
  it('is this, and nothing else', () => {
    expect(offeredAlgorithms()).toEqual({
      kex: [
        'ecdh-sha2-nistp256',
        'ecdh-sha2-nistp384',
        'ecdh-sha2-nistp521',
        'curve25519-sha256',
        'curve25519-sha256@libssh.org',
        'diffie-hellman-group14-sha256',
        'diffie-hellman-group16-sha512',
      ],
      cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
      hmac: [
        'hmac-sha2-256-etm@openssh.com',
        'hmac-sha2-512-etm@openssh.com',
        'hmac-sha2-256',
        'hmac-sha2-512',
      ],
      serverHostKey: [
        'ecdsa-sha2-nistp256',
        'ecdsa-sha2-nistp384',
        'ecdsa-sha2-nistp521',
        'rsa-sha2-512',
        'rsa-sha2-256',
        'ssh-ed25519',
      ],
      compress: ['none'],
    });
  });
});

describe('the keys of an account', () => {
  const attemptWith = (privateKey: string) =>
    createAuthAttempt(
      { id: 'env:ESXI', version: 'v1', username: 'root', proof: { kind: 'private-key', privateKey } },
      () => undefined,
    );
  const proposed = (attempt: ReturnType<typeof attemptWith>) => {
    const method = attempt.choose(['password', 'publickey']);
    if (method === false) return undefined;
    expect(method).toMatchObject({ type: 'publickey', username: 'root' });
    return (method as { key: ParsedKey }).key;
  };

  it('of RSA sign with SHA-512, and with SHA-256 for a host that does not take that, and with nothing else', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const attempt = attemptWith(pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
    const [first, second] = [proposed(attempt), proposed(attempt)];
    expect([first?.type, second?.type, proposed(attempt)]).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      undefined,
    ]);
    expect(attempt).toMatchObject({ method: 'publickey', credentialSent: false });
    const data = Buffer.from('data');
    const signature = second?.sign(data) as Buffer;
    expect(verify('sha256', data, createPublicKey(pair.privateKey), signature)).toBe(true);
  });

  it('of RSA sign with the hash of their algorithm', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const attempt = attemptWith(pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
    const data = Buffer.from('data');
    const signature = proposed(attempt)?.sign(data) as Buffer;
    expect(verify('sha512', data, createPublicKey(pair.privateKey), signature)).toBe(true);
  });

  it.each([
    ['ecdsa', 'ecdsa-sha2-nistp256'],
    ['ed25519', 'ssh-ed25519'],
  ] as const)('of %s are proposed once, by their own type', (kind, type) => {
    const { private: key } = ssh2.utils.generateKeyPairSync(kind as 'ecdsa', { bits: 256 });
    const attempt = attemptWith(key);
    expect([proposed(attempt)?.type, proposed(attempt)?.type]).toEqual([type, undefined]);
  });

  it('are proposed to no host that takes none, and still to one that takes them later', () => {
    const { private: key } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const attempt = attemptWith(key);
    expect(attempt.choose(['password'])).toBe(false);
    expect(proposed(attempt)).toBeDefined();
  });
});

describe('the keys of a connection', () => {
  it('are made objects where ssh2 keeps them, and nothing else is', () => {
    const bytes = () => Buffer.alloc(16, 7);
    const protocol = {
      _cipher: { _encKey: bytes(), _macKey: bytes(), _iv: bytes() },
      _decipher: { _decipherKey: bytes(), _macKey: undefined, _encKey: bytes() },
      _other: { _encKey: bytes() },
    };
    keepKeysAsObjects({ _protocol: protocol } as unknown as Client);
    const kind = (value: unknown) =>
      value instanceof KeyObject ? value.export().toString('hex') : (value as Buffer | undefined)?.length;
    expect(
      Object.values(protocol).map((part) => Object.entries(part).map(([name, key]) => [name, kind(key)])),
    ).toEqual([
      [
        ['_encKey', '07'.repeat(16)],
        ['_macKey', '07'.repeat(16)],
        ['_iv', 16],
      ],
      [
        ['_decipherKey', '07'.repeat(16)],
        ['_macKey', undefined],
        ['_encKey', 16],
      ],
      [['_encKey', 16]],
    ]);
  });

  it.each([
    ['no protocol', {}],
    ['no parts', { _protocol: {} }],
    ['a key that is a text', { _protocol: { _cipher: { _encKey: 'text' }, _decipher: {} } }],
  ])('stay as they are with %s', (_what, client) => {
    const before = structuredClone(client);
    keepKeysAsObjects(client as unknown as Client);
    expect(client).toEqual(before);
  });
});

describe('the name of this machine', () => {
  const resolveName = createResolveName({ clock: systemClock, servers: [], hostsFile: '/does/not/exist' });
  const { signal } = new AbortController();

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'a.LocalHost.'])(
    'is known without anybody: %s',
    async (name) => {
      expect(await resolveName(name, { signal })).toEqual(['127.0.0.1', '::1']);
    },
  );
});
