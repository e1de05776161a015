import { createHash, generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { offeredAlgorithms } from '../../../lib/esxi/algorithms.ts';
import { fingerprint, readHostKey } from '../../../lib/esxi/host-key.ts';

function wireForm(): Buffer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const parsed = ssh2.utils.parseKey(privateKey.export({ type: 'sec1', format: 'pem' }));
  if (parsed instanceof Error) throw parsed;
  return parsed.getPublicSSH();
}

describe('readHostKey', () => {
  it('reads the type and keeps the wire form as known_hosts does', () => {
    const wire = wireForm();
    expect(readHostKey(wire)).toEqual({ type: 'ecdsa-sha2-nistp256', blob: wire.toString('base64') });
  });

  it.each([
    ['empty', ''],
    ['a length without a type', 'ffffffff'],
    ['a type of control characters', '000000020102ff'],
    ['a type that begins with one', '00000003077373ff'],
    ['a type that ends with one', '00000003737307ff'],
    ['a type with nothing behind it', '000000077373682d727361'],
    ['a type that is longer than the whole', '000000087373682d727361'],
  ])('refuses %s', (_what, hex) => {
    expect(readHostKey(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  const string = (bytes: Buffer | string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, Buffer.from(bytes)]);
  };
  const point = Buffer.alloc(65, 4);

  it.each([
    ['bytes behind the key', Buffer.concat([wireForm(), Buffer.alloc(15_000)])],
    ['one byte behind the key', Buffer.concat([wireForm(), Buffer.alloc(1)])],
    ['a key that is cut off in its last field', wireForm().subarray(0, -1)],
    ['a further field', Buffer.concat([wireForm(), string('more')])],
    ['a field too few', Buffer.concat([string('ssh-rsa'), string('\x01\x00\x01')])],
    ['an empty field', Buffer.concat([string('ssh-ed25519'), string('')])],
    ['one empty field of two', Buffer.concat([string('ssh-rsa'), string('\x01\x00\x01'), string('')])],
    [
      'the name of another curve',
      Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp384'), string(point)]),
    ],
    ['a type that was not offered', Buffer.concat([string('ssh-dss'), string('p'), string('q')])],
    [
      'a key of more than 4,096 bytes',
      Buffer.concat([string('ssh-rsa'), string('\x01\x00\x01'), string(Buffer.alloc(4_096, 1))]),
    ],
  ])('refuses %s, which ssh2 takes', (_what, wire) => {
    expect(readHostKey(wire)).toBeUndefined();
  });

  it('reads the longest key that OpenSSH makes: RSA of 16,384 bits', () => {
    const wire = Buffer.concat([string('ssh-rsa'), string('\x01\x00\x01'), string(Buffer.alloc(2_049, 1))]);
    expect(readHostKey(wire)).toEqual({ type: 'ssh-rsa', blob: wire.toString('base64') });
  });

  it.each([
    [4_096, true],
    [4_097, false],
  ])('takes a key of %i bytes: %s', (bytes, isTaken) => {
    const [type, exponent] = [string('ssh-rsa'), string('\x01\x00\x01')];
    const wire = Buffer.concat([
      type,
      exponent,
      string(Buffer.alloc(bytes - type.length - exponent.length - 4, 1)),
    ]);
    expect(wire).toHaveLength(bytes);
    expect(readHostKey(wire) !== undefined).toBe(isTaken);
  });

  it.each([
    ['rsa', { modulusLength: 2048 }, 'ssh-rsa'],
    ['ec', { namedCurve: 'secp384r1' }, 'ecdsa-sha2-nistp384'],
    ['ec', { namedCurve: 'secp521r1' }, 'ecdsa-sha2-nistp521'],
  ])('reads a real key of %s %o', (kind, how, type) => {
    const { privateKey } = generateKeyPairSync(kind as 'rsa', how as { modulusLength: number });
    const format = kind === 'rsa' ? 'pkcs1' : ('sec1' as 'pkcs1');
    const parsed = ssh2.utils.parseKey(privateKey.export({ type: format, format: 'pem' }));
    if (parsed instanceof Error) throw parsed;
    expect(readHostKey(parsed.getPublicSSH())).toMatchObject({ type });
  });

  it('reads a real key of ed25519', () => {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(key);
    if (parsed instanceof Error) throw parsed;
    expect(readHostKey(parsed.getPublicSSH())).toMatchObject({ type: 'ssh-ed25519' });
  });
});

describe('fingerprint', () => {
  it('is the unpadded base64 of the SHA-256 of the wire form', () => {
    const wire = wireForm();
    const digest = createHash('sha256').update(wire).digest('base64').replace('=', '');
    expect(fingerprint({ type: 'ecdsa-sha2-nistp256', blob: wire.toString('base64') })).toBe(
      `SHA256:${digest}`,
    );
  });
});

describe('offeredAlgorithms', () => {
  it('begins with what ESXi in FIPS mode has', () => {
    const { kex, cipher, serverHostKey } = offeredAlgorithms();
    expect([kex, cipher, serverHostKey].map((list) => Array.isArray(list) && list[0])).toEqual([
      'ecdh-sha2-nistp256',
      'aes128-gcm@openssh.com',
      'ecdsa-sha2-nistp256',
    ]);
  });

  it.each([
    ['ssh-rsa', 'rsa-sha2-512'],
    ['ssh-ed25519', 'ssh-ed25519'],
    ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
    ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
    ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ])('asks first for the known type %s and drops no other', (type, first) => {
    const { serverHostKey = [] } = offeredAlgorithms([type]);
    expect(Array.isArray(serverHostKey) && serverHostKey[0]).toBe(first);
    expect(serverHostKey).toHaveLength(6);
    expect(new Set(serverHostKey as string[]).size).toBe(6);
  });

  it('asks for a known type before another one that is not', () => {
    const { serverHostKey } = offeredAlgorithms(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
    expect(serverHostKey.slice(0, 2)).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
  });

  it('offers no SHA-1, no CBC, no group that the host chooses or that is slow, and no compression', () => {
    const { kex, cipher, hmac, serverHostKey, compress } = offeredAlgorithms();
    const offered = [...kex, ...cipher, ...hmac, ...serverHostKey];
    expect(
      offered.filter((name) => /sha1|^ssh-rsa$|^ssh-dss$|cbc|group-exchange|group18/.test(name)),
    ).toEqual([]);
    expect(compress).toEqual(['none']);
  });

  it('asks for all known types before the others, whatever their order', () => {
    const { serverHostKey = [] } = offeredAlgorithms(['ssh-ed25519', 'ssh-rsa']);
    expect((serverHostKey as string[]).slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  });
});
