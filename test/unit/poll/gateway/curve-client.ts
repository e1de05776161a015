import { randomBytes } from 'node:crypto';
import { type KeyPair, newKeyPair, openBox, seal, sharedKey } from '../../../../lib/poll/gateway/zmtp/box.ts';
import { commandBytes } from '../../../../lib/poll/gateway/zmtp/commands.ts';
import type { Mechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';

/** What the server said in WELCOME. */
export interface Welcome {
  readonly serverShort: Buffer;
  readonly cookie: Buffer;
}

/** What of INITIATE is other than it should be. */
export interface Lies {
  readonly cookie?: Buffer;
  readonly nonce?: number;
  readonly vouched?: Buffer;
  readonly keys?: KeyPair;
  readonly socketType?: string;
  /** Only so many bytes of it are sent. */
  readonly length?: number;
}

const nonceOf = (prefix: string, rest: Uint8Array) => Buffer.concat([Buffer.from(prefix), rest]);

export function counter(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A client of CURVE that can lie, which clients of libzmq cannot. */
export function createCurveClient({ serverKey, keys }: { serverKey: Buffer; keys: KeyPair }) {
  const short = newKeyPair();
  return {
    short,
    hello(nonce = 1, publicKey = short.publicKey): Buffer {
      const box = seal(
        sharedKey(serverKey, short),
        nonceOf('CurveZMQHELLO---', counter(nonce)),
        Buffer.alloc(64),
      );
      return commandBytes('HELLO', Buffer.of(1, 0), Buffer.alloc(72), publicKey, counter(nonce), box);
    },
    readWelcome(welcome: Buffer): Welcome {
      const nonce = nonceOf('WELCOME-', welcome.subarray(8, 24));
      const content = openBox(sharedKey(serverKey, short), nonce, welcome.subarray(24));
      if (content === undefined) throw new Error('WELCOME is not for this client');
      return { serverShort: content.subarray(0, 32), cookie: content.subarray(32) };
    },
    initiate({ serverShort, cookie }: Welcome, lies: Lies = {}): Buffer {
      const own = lies.keys ?? keys;
      const nonce = counter(lies.nonce ?? 2);
      const vouchNonce = randomBytes(16);
      const vouched = lies.vouched ?? Buffer.concat([short.publicKey, serverKey]);
      const vouch = seal(sharedKey(serverShort, own), nonceOf('VOUCH---', vouchNonce), vouched);
      const type = Buffer.from(lies.socketType ?? 'REQ');
      const property = Buffer.concat([Buffer.from('\x0bSocket-Type\0\0\0'), Buffer.of(type.length), type]);
      const content = Buffer.concat([own.publicKey, vouchNonce, vouch, property]);
      const box = seal(sharedKey(serverShort, short), nonceOf('CurveZMQINITIATE', nonce), content);
      const bytes = commandBytes('INITIATE', lies.cookie ?? cookie, nonce, box);
      return bytes.subarray(0, lies.length ?? bytes.length);
    },
    message({ serverShort }: Welcome, nonce: number, content = Buffer.from('\0hi')): Buffer {
      const box = seal(sharedKey(serverShort, short), nonceOf('CurveZMQMESSAGEC', counter(nonce)), content);
      return Buffer.concat([Buffer.from('\x07MESSAGE'), counter(nonce), box]);
    },
    /** Says HELLO. */
    greet(mechanism: Mechanism): Welcome {
      const { reply = Buffer.alloc(0) } = mechanism.shake(this.hello());
      return this.readWelcome(reply);
    },
  };
}
