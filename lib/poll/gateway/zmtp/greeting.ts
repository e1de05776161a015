import type { ByteQueue } from './byte-queue.ts';
import { ZmtpError } from './errors.ts';
import type { Framing } from './frames.ts';

/** What a greeting agrees on. */
export interface Agreed {
  readonly framing: Framing;
  /** Of ZMTP 3, whose peers shake hands by commands; older ones send an identity first. */
  readonly hasMechanism: boolean;
}

/** A name of a security mechanism, as greetings have it. */
export type MechanismName = 'NULL' | 'CURVE';

/** Also the header of an empty identity, which is how libzmq 2 reads it. */
export const SIGNATURE: Buffer = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f]);
const VERSION = 3;
const MINOR = 1;
const ROUTER = 6;
const MECHANISM_BYTES = 20;
/** Begins with `as-server`, which RFC 23 wants to be 1 with CURVE; libzmq sends 0 and does not look at it. */
const FILLER = Buffer.alloc(32);
const OLD_BYTES = 12;
const BYTES = 64;
/** The identity that an older peer waits for; it is empty. */
const IDENTITY = { v1: Buffer.from([1, 0]), v2: Buffer.from([0, 0]) } as const;

/**
 * Reads the greeting of a client, whichever version of ZMTP it speaks, and answers it as libzmq 4.3 does: byte after
 * byte, because each side waits for the version of the other (RFC 37, "Backwards Interoperability").
 */
export class Greeting {
  readonly #mechanism: MechanismName;
  readonly #send: (bytes: Uint8Array) => void;
  #sentVersion = false;
  #sentRest = false;

  constructor(mechanism: MechanismName, send: (bytes: Uint8Array) => void) {
    this.#mechanism = mechanism;
    this.#send = send;
    send(SIGNATURE);
  }

  /** Undefined when more of it has to arrive. Throws ZmtpError. */
  read(queue: ByteQueue): Agreed | undefined {
    if (queue.length === 0) return undefined;
    if (queue.at(0) !== SIGNATURE[0]) return this.#older({ framing: 'v1', hasMechanism: false });
    if (queue.length < SIGNATURE.length) return undefined;
    if ((queue.at(9) & 1) === 0) return this.#older({ framing: 'v1', hasMechanism: false });
    if (!this.#sentVersion) this.#send(Buffer.from([VERSION]));
    this.#sentVersion = true;
    if (queue.length <= SIGNATURE.length) return undefined;
    return queue.at(10) < 2 ? this.#readOld(queue, queue.at(10) === 0 ? 'v1' : 'v2') : this.#readNew(queue);
  }

  #readOld(queue: ByteQueue, framing: Framing): Agreed | undefined {
    this.#sendRest([Buffer.from([ROUTER])]);
    if (queue.length < OLD_BYTES) return undefined;
    queue.skip(OLD_BYTES);
    this.#send(IDENTITY[framing]);
    return this.#older({ framing, hasMechanism: false });
  }

  #readNew(queue: ByteQueue): Agreed | undefined {
    const mechanism = nameBytes(this.#mechanism);
    this.#sendRest([Buffer.from([MINOR]), mechanism, FILLER]);
    if (queue.length < BYTES) return undefined;
    const theirs = queue.take(BYTES).subarray(OLD_BYTES, OLD_BYTES + MECHANISM_BYTES);
    if (!theirs.equals(mechanism)) throw new ZmtpError('mechanism');
    return { framing: 'v2', hasMechanism: true };
  }

  #sendRest(bytes: readonly Buffer[]): void {
    if (!this.#sentRest) this.#send(Buffer.concat(bytes));
    this.#sentRest = true;
  }

  /** Older protocols have no mechanism. */
  #older(agreed: Agreed): Agreed {
    if (this.#mechanism !== 'NULL') throw new ZmtpError('mechanism');
    return agreed;
  }
}

const nameBytes = (name: MechanismName): Buffer => {
  const bytes = Buffer.alloc(MECHANISM_BYTES);
  bytes.write(name, 'latin1');
  return bytes;
};
