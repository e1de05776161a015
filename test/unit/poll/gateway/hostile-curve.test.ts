import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair, openBox, sharedKey } from '../../../../lib/poll/gateway/zmtp/box.ts';
import { commandBytes } from '../../../../lib/poll/gateway/zmtp/commands.ts';
import { createCurveMechanism } from '../../../../lib/poll/gateway/zmtp/curve.ts';
import { frameBytes } from '../../../../lib/poll/gateway/zmtp/frames.ts';
import { ZmtpPeer } from '../../../../lib/poll/gateway/zmtp/peer.ts';
import { createCurveClient, type Lies } from './curve-client.ts';
import { endings, GREETINGS, openingOf } from './zmtp-client.ts';

const SERVER = newKeyPair();
const CLIENT = newKeyPair();

const newMechanism = () =>
  createCurveMechanism({
    keys: SERVER,
    admits: (key) => key.equals(CLIENT.publicKey),
    newKeyPair,
    randomBytes,
  });

function start() {
  const mechanism = newMechanism();
  const client = createCurveClient({ serverKey: SERVER.publicKey, keys: CLIENT });
  return { mechanism, client };
}

/** After a handshake without lies. */
function startReady() {
  const { mechanism, client } = start();
  const welcome = client.greet(mechanism);
  mechanism.shake(client.initiate(welcome));
  const unwrap = (body: Buffer) => mechanism.unwrap({ more: false, command: false, body });
  return { mechanism, client, welcome, unwrap };
}

describe('the handshake of CURVE', () => {
  it('serves a client that does all as it should', () => {
    const { client, welcome, unwrap } = startReady();
    expect(unwrap(client.message(welcome, 3))).toEqual({
      more: false,
      command: false,
      body: Buffer.from('hi'),
    });
  });

  it.each<[string, (about: { short: KeyPair; other: KeyPair }) => Lies, string]>([
    ['repeats the nonce of HELLO', () => ({ nonce: 1 }), 'not-zmtp'],
    ['has the cookie of no connection', () => ({ cookie: randomBytes(96) }), 'not-zmtp'],
    [
      'vouches for another key of a connection',
      ({ other }) => ({ vouched: Buffer.concat([other.publicKey, SERVER.publicKey]) }),
      'client-key',
    ],
    [
      'vouches for another server',
      ({ short, other }) => ({ vouched: Buffer.concat([short.publicKey, other.publicKey]) }),
      'client-key',
    ],
    ['has a key that is not admitted', ({ other }) => ({ keys: other }), 'client-key'],
    [
      'claims the key of another',
      ({ other }) => ({ keys: { ...other, publicKey: CLIENT.publicKey } }),
      'client-key',
    ],
    ['is a socket that a ROUTER does not speak with', () => ({ socketType: 'SUB' }), 'not-zmtp'],
    ['sends a piece of INITIATE', () => ({ length: 9 + 96 + 8 + 16 + 32 + 16 + 79 }), 'not-zmtp'],
  ])('refuses a client that %s', (_, lie, why) => {
    const { mechanism, client } = start();
    const welcome = client.greet(mechanism);
    const lies = lie({ short: client.short, other: newKeyPair() });
    expect(endings(() => mechanism.shake(client.initiate(welcome, lies)))).toBe(why);
    // Nothing is decrypted, and nothing sent, afterwards.
    const body = client.message(welcome, 9);
    expect(endings(() => mechanism.unwrap({ more: false, command: false, body }))).toBeDefined();
    expect(endings(() => mechanism.wrap({ more: false, command: false, body }))).toBeDefined();
  });

  it('refuses the cookie of another connection', () => {
    const { mechanism, client } = start();
    const other = start();
    const { cookie } = other.client.greet(other.mechanism);
    const welcome = client.greet(mechanism);
    expect(endings(() => mechanism.shake(client.initiate(welcome, { cookie })))).toBe('not-zmtp');
  });

  it('refuses a second HELLO, a HELLO after it, and a second INITIATE', () => {
    const { mechanism, client } = start();
    const welcome = client.greet(mechanism);
    expect(endings(() => mechanism.shake(client.hello(5)))).toBe('not-zmtp');
    mechanism.shake(client.initiate(welcome));
    expect(endings(() => mechanism.shake(client.hello(6)))).toBe('not-zmtp');
    expect(endings(() => mechanism.shake(client.initiate(welcome, { nonce: 7 })))).toBe('not-zmtp');
  });

  it('refuses INITIATE, and a message, without HELLO', () => {
    const { mechanism, client } = start();
    const other = start();
    const welcome = other.client.greet(other.mechanism);
    expect(endings(() => mechanism.shake(client.initiate(welcome)))).toBe('not-zmtp');
    const body = client.message(welcome, 3);
    expect(endings(() => mechanism.unwrap({ more: false, command: false, body }))).toBe('client-key');
  });

  it('refuses a key of low order', () => {
    const { mechanism, client } = start();
    expect(endings(() => mechanism.shake(client.hello(1, Buffer.alloc(32))))).toBe('client-key');
  });

  it('has another key and another cookie for each connection', () => {
    const client = createCurveClient({ serverKey: SERVER.publicKey, keys: CLIENT });
    const [one, other] = [client.greet(newMechanism()), client.greet(newMechanism())];
    expect(one.serverShort).not.toEqual(other.serverShort);
    expect(one.serverShort).not.toEqual(SERVER.publicKey);
    expect(one.cookie).not.toEqual(other.cookie);
  });
});

describe('a message of CURVE', () => {
  it('is taken once, and none after a later one', () => {
    const { client, welcome, unwrap } = startReady();
    unwrap(client.message(welcome, 3));
    unwrap(client.message(welcome, 5));
    for (const nonce of [5, 4, 3, 2, 1, 0]) {
      expect(endings(() => unwrap(client.message(welcome, nonce)))).toBe('not-zmtp');
    }
    expect(endings(() => unwrap(client.message(welcome, 6)))).toBeUndefined();
  });

  it('is refused when it is altered, has another name, or is a piece', () => {
    const whole = (nonce: number) => {
      const { client, welcome, unwrap } = startReady();
      return { unwrap, bytes: client.message(welcome, nonce) };
    };
    const altered = whole(3);
    altered.bytes[20] = (altered.bytes[20] ?? 0) ^ 1;
    expect(endings(() => altered.unwrap(altered.bytes))).toBe('client-key');
    const renamed = whole(3);
    renamed.bytes.write('massage', 1);
    expect(endings(() => renamed.unwrap(renamed.bytes))).toBe('not-zmtp');
    const piece = whole(3);
    expect(endings(() => piece.unwrap(piece.bytes.subarray(0, 32)))).toBe('not-zmtp');
    const empty = startReady();
    expect(endings(() => empty.unwrap(empty.client.message(empty.welcome, 3, Buffer.alloc(0))))).toBe(
      'not-zmtp',
    );
  });

  it('of the server never has the nonce of another, and only its client can read it', () => {
    const { mechanism, client, welcome } = startReady();
    const frame = { more: false, command: false, body: Buffer.from('secret') };
    const bodies = [1, 2, 3].map(() => mechanism.wrap(frame).body);
    expect(bodies.map((body) => body.readBigUInt64BE(8))).toEqual([2n, 3n, 4n]);
    for (const body of bodies) {
      const nonce = Buffer.concat([Buffer.from('CurveZMQMESSAGES'), body.subarray(8, 16)]);
      const key = sharedKey(welcome.serverShort, client.short);
      expect(openBox(key, nonce, body.subarray(16))?.toString()).toBe('\0secret');
      expect(openBox(sharedKey(SERVER.publicKey, CLIENT), nonce, body.subarray(16))).toBeUndefined();
    }
  });
});

const GREETING = Buffer.concat([
  Buffer.from('ff00000000000000017f0301', 'hex'),
  Buffer.from('CURVE'),
  Buffer.alloc(47),
]);

describe('at an endpoint with CURVE', () => {
  const versions = Object.keys(GREETINGS) as (keyof typeof GREETINGS)[];

  it.each(versions)('a client of %s without CURVE is refused', (version) => {
    const peer = new ZmtpPeer({ mechanism: newMechanism(), send: () => undefined });
    const plain = frameBytes(GREETINGS[version].framing, {
      more: false,
      command: false,
      body: Buffer.from('plain'),
    });
    peer.receive(Buffer.concat([openingOf(version), ...plain]));
    expect(endings(() => peer.next())).toBe('mechanism');
    expect(peer.isReady).toBe(false);
  });

  it('a frame in plain text after the handshake is refused, and a command of 1 MB at its header', () => {
    for (const [bytes, why] of [
      [Buffer.from('0004616263640005706c61696e', 'hex'), 'not-zmtp'],
      [Buffer.from('060000000000100000', 'hex'), 'message-bytes'],
    ] as const) {
      const sent: Buffer[] = [];
      const peer = new ZmtpPeer({ mechanism: newMechanism(), send: (some) => sent.push(Buffer.from(some)) });
      const client = createCurveClient({ serverKey: SERVER.publicKey, keys: CLIENT });
      const say = (body: Buffer) => {
        peer.receive(Buffer.concat(frameBytes('v2', { more: false, command: true, body })));
        return peer.next();
      };
      peer.receive(GREETING);
      say(client.hello());
      // WELCOME is the last that was sent, after its header.
      say(client.initiate(client.readWelcome(sent.at(-1) ?? Buffer.alloc(0))));
      expect(peer.isReady).toBe(true);
      peer.receive(bytes);
      expect(endings(() => peer.next())).toBe(why);
    }
  });

  it('a command other than those of the handshake is refused', () => {
    expect(endings(() => newMechanism().shake(commandBytes('READY', Buffer.alloc(0))))).toBe('not-zmtp');
  });
});
