import { timingSafeEqual } from 'node:crypto';
import { BOX_BYTES, KEY_BYTES, type KeyPair, openBox, seal, sharedKey } from './box.ts';
import { checkProperties, commandBytes, OWN_PROPERTIES, parseCommand } from './commands.ts';
import { ZmtpError } from './errors.ts';
import type { Frame } from './frames.ts';
import type { Mechanism } from './mechanism.ts';

export interface CurveOptions {
  /** The server's long-term keys. */
  readonly keys: KeyPair;
  /** Whether a client with this public key is served. */
  readonly admits: (publicKey: Buffer) => boolean;
  readonly newKeyPair: () => KeyPair;
  readonly randomBytes: (count: number) => Buffer;
}

const HELLO_BYTES = 194;
const COOKIE_BYTES = 96;
const LONG_NONCE_BYTES = 16;
const VOUCH_BYTES = 80;
/** Name, nonce, box and flags around a frame. */
const MESSAGE = Buffer.from('\x07MESSAGE', 'latin1');
const OVERHEAD = MESSAGE.length + 8 + BOX_BYTES + 1;
const MORE = 1;
const COMMAND = 2;

/**
 * The server's side of CurveZMQ (RFC 26) on one connection, as libzmq has it. Its cookie is random and is compared: a
 * server that keeps the keys of a connection in memory needs no cookie that holds them. A client is known before any
 * message of it is read, and all of its bytes are encrypted with keys of this connection alone.
 */
export function createCurveMechanism(options: CurveOptions): Mechanism {
  // What only the handshake needs is dropped with it.
  let state: HelloState | 'over' | undefined;
  let key: Uint8Array | undefined;
  let nextNonce = 1n;
  let lastNonce = 0n;
  const checkOrder = (nonce: Buffer) => {
    const counter = nonce.readBigUInt64BE();
    if (counter <= lastNonce) throw new ZmtpError('not-zmtp');
    lastNonce = counter;
  };
  const takeNonce = () => {
    const nonce = Buffer.alloc(8);
    nonce.writeBigUInt64BE(nextNonce);
    nextNonce += 1n;
    return nonce;
  };
  return {
    name: 'CURVE',
    overhead: OVERHEAD,
    shake(bytes) {
      const { name, body } = parseCommand(bytes);
      if (name === 'HELLO' && state === undefined) {
        const hello = readHello(body, options);
        checkOrder(body.subarray(106, 114));
        state = hello;
        return { reply: hello.welcome, isOver: false };
      }
      if (name !== 'INITIATE' || typeof state !== 'object') throw new ZmtpError('not-zmtp');
      const hello = state;
      state = 'over';
      const agreed = readInitiate(body, hello, options);
      checkOrder(body.subarray(COOKIE_BYTES, COOKIE_BYTES + 8));
      key = agreed;
      const nonce = takeNonce();
      const ready = seal(key, nonceOf('CurveZMQREADY---', nonce), OWN_PROPERTIES);
      return { reply: commandBytes('READY', nonce, ready), isOver: true };
    },
    unwrap({ body }) {
      const start = MESSAGE.length;
      if (body.length < OVERHEAD || !body.subarray(0, start).equals(MESSAGE)) throw new ZmtpError('not-zmtp');
      const nonce = body.subarray(start, start + 8);
      const content = open(key, nonceOf('CurveZMQMESSAGEC', nonce), body.subarray(start + 8));
      checkOrder(nonce);
      const flags = content.readUInt8();
      return { more: (flags & MORE) !== 0, command: (flags & COMMAND) !== 0, body: content.subarray(1) };
    },
    wrap({ more, command, body }): Frame {
      if (key === undefined) throw new ZmtpError('not-zmtp');
      const nonce = takeNonce();
      const flags = Buffer.of((more ? MORE : 0) | (command ? COMMAND : 0));
      const box = seal(key, nonceOf('CurveZMQMESSAGES', nonce), Buffer.concat([flags, body]));
      return { more: false, command: false, body: Buffer.concat([MESSAGE, nonce, box]) };
    },
  };
}

/** What the server knows of a client that said HELLO. */
interface HelloState {
  readonly clientShort: Buffer;
  readonly ownShort: KeyPair;
  readonly cookie: Buffer;
  readonly welcome: Buffer;
}

/** HELLO: version 1.0, padding, the client's key of this connection, and a box that shows that it has the server's key. */
function readHello(body: Buffer, { keys, newKeyPair, randomBytes }: CurveOptions): HelloState {
  if (body.length !== HELLO_BYTES || body[0] !== 1 || body[1] !== 0) throw new ZmtpError('not-zmtp');
  const clientShort = body.subarray(74, 106);
  const key = agree(clientShort, keys);
  open(key, nonceOf('CurveZMQHELLO---', body.subarray(106, 114)), body.subarray(114));
  const ownShort = newKeyPair();
  const cookie = randomBytes(COOKIE_BYTES);
  const nonce = randomBytes(LONG_NONCE_BYTES);
  const box = seal(key, nonceOf('WELCOME-', nonce), Buffer.concat([ownShort.publicKey, cookie]));
  return { clientShort, ownShort, cookie, welcome: commandBytes('WELCOME', nonce, box) };
}

/** INITIATE: the cookie, and a box with the client's long-term key, its voucher for this connection, and its properties. */
function readInitiate(body: Buffer, state: HelloState, { keys, admits }: CurveOptions): Uint8Array {
  const { clientShort, ownShort, cookie } = state;
  if (body.length < COOKIE_BYTES + 8 + BOX_BYTES + KEY_BYTES + LONG_NONCE_BYTES + VOUCH_BYTES) {
    throw new ZmtpError('not-zmtp');
  }
  if (!timingSafeEqual(body.subarray(0, COOKIE_BYTES), cookie)) throw new ZmtpError('not-zmtp');
  const nonce = body.subarray(COOKIE_BYTES, COOKIE_BYTES + 8);
  const key = agree(clientShort, ownShort);
  const content = open(key, nonceOf('CurveZMQINITIATE', nonce), body.subarray(COOKIE_BYTES + 8));
  const client = content.subarray(0, KEY_BYTES);
  const vouchEnd = KEY_BYTES + LONG_NONCE_BYTES + VOUCH_BYTES;
  const vouchNonce = content.subarray(KEY_BYTES, KEY_BYTES + LONG_NONCE_BYTES);
  const vouch = content.subarray(KEY_BYTES + LONG_NONCE_BYTES, vouchEnd);
  const vouched = open(agree(client, ownShort), nonceOf('VOUCH---', vouchNonce), vouch);
  if (!timingSafeEqual(vouched, Buffer.concat([clientShort, keys.publicKey])))
    throw new ZmtpError('client-key');
  if (!admits(client)) throw new ZmtpError('client-key');
  checkProperties(content.subarray(vouchEnd));
  return key;
}

const nonceOf = (prefix: string, rest: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(prefix, 'latin1'), rest]);

function open(key: Uint8Array | undefined, nonce: Uint8Array, box: Uint8Array): Buffer {
  const content = key === undefined ? undefined : openBox(key, nonce, box);
  if (content === undefined) throw new ZmtpError('client-key');
  return content;
}

/** A public key of low order is nobody's. */
function agree(publicKey: Buffer, keys: KeyPair): Uint8Array {
  try {
    return sharedKey(publicKey, keys);
  } catch {
    throw new ZmtpError('client-key');
  }
}
