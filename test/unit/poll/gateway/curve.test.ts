import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { makeCurveKeys, toCurveKeys } from '../../../../lib/poll/gateway/curve-keys.ts';
import { newKeyPair, openBox, seal, sharedKey, toKeyPair } from '../../../../lib/poll/gateway/zmtp/box.ts';
import { ZmtpPeer } from '../../../../lib/poll/gateway/zmtp/peer.ts';
import { fromZ85, toZ85 } from '../../../../lib/poll/gateway/zmtp/z85.ts';
import { endings } from './zmtp-client.ts';

describe('Z85', () => {
  it('is as RFC 32 has it, and comes back', () => {
    expect(toZ85(Buffer.from('864fd26fb559f75b', 'hex'))).toBe('HelloWorld');
    const words = fc.uint8Array({ minLength: 0, maxLength: 64 }).filter(({ length }) => length % 4 === 0);
    fc.assert(fc.property(words, (bytes) => fromZ85(toZ85(bytes))?.equals(bytes) === true));
  });

  it.each(['abcd', 'abc"e', '#####', 'é0000'])('does not take %s', (text) => {
    expect(fromZ85(text)).toBeUndefined();
  });
});

describe('keys', () => {
  it('are pairs as libzmq makes them', () => {
    for (const { publicKey, secretKey } of [curveKeyPair(), makeCurveKeys()]) {
      expect(toZ85(toKeyPair(fromZ85(secretKey) ?? Buffer.alloc(0)).publicKey)).toBe(publicKey);
    }
  });

  it('tell the public key of a server, and are none of a text that is no key', () => {
    const { publicKey, secretKey } = makeCurveKeys();
    expect(toCurveKeys(secretKey, [publicKey]).publicKey).toBe(publicKey);
    expect(() => toCurveKeys(secretKey.slice(5), [publicKey])).toThrow();
  });

  it('of low order are refused', () => {
    expect(() => sharedKey(Buffer.alloc(32), newKeyPair())).toThrow();
  });
});

it('a box opens for the other pair of keys, and for no other', () => {
  const [one, other, third] = [newKeyPair(), newKeyPair(), newKeyPair()];
  const nonce = randomBytes(24);
  const box = seal(sharedKey(other.publicKey, one), nonce, Buffer.from('content'));
  expect(openBox(sharedKey(one.publicKey, other), nonce, box)?.toString()).toBe('content');
  expect(openBox(sharedKey(one.publicKey, third), nonce, box)).toBeUndefined();
  box[0] = (box[0] ?? 0) ^ 1;
  expect(openBox(sharedKey(one.publicKey, other), nonce, box)).toBeUndefined();
});

it('whatever follows a greeting with CURVE ends the connection, or waits for more', () => {
  const { publicKey, secretKey } = makeCurveKeys();
  const curve = toCurveKeys(secretKey, [publicKey]);
  const greeting = Buffer.concat([
    Buffer.from('ff00000000000000017f0301', 'hex'),
    Buffer.from('CURVE'),
    Buffer.alloc(47),
  ]);
  const hello = Buffer.concat([Buffer.of(4, 200), Buffer.from('\x05HELLO\x01\0', 'latin1')]);
  fc.assert(
    fc.property(fc.boolean(), fc.uint8Array({ maxLength: 500 }), (isHello, bytes) => {
      const peer = new ZmtpPeer({ mechanism: curve.newMechanism(), send: () => undefined });
      peer.receive(Buffer.concat([greeting, isHello ? hello : Buffer.alloc(0), bytes]));
      expect([undefined, 'not-zmtp', 'client-key', 'message-bytes']).toContain(endings(() => peer.next()));
      expect(peer.isReady).toBe(false);
    }),
  );
});
