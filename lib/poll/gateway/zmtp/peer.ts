import { ByteQueue } from './byte-queue.ts';
import { parseCommand, pongFor } from './commands.ts';
import { ZmtpError } from './errors.ts';
import { type Frame, frameBytes, takeFrame } from './frames.ts';
import { type Agreed, Greeting } from './greeting.ts';
import type { Mechanism } from './mechanism.ts';

/** A request is a few hundred bytes; this is for all parts of a message together. */
export const MAX_MESSAGE_BYTES: number = 64 * 1024;
/** Proxies on the way add a part each. */
export const MAX_PARTS = 16;
const MAX_COMMAND_BYTES = 4 * 1024;

export interface PeerOptions {
  readonly mechanism: Mechanism;
  readonly send: (bytes: Uint8Array) => void;
}

/**
 * The side of a ROUTER socket of one connection, in ZMTP 3.0 and 3.1 (RFC 23 and 37), and in ZMTP 2.0 and 1.0, which
 * libzmq 3 and 2 speak. Bytes in, messages out; it does no I/O. It never holds more of a message than it may have.
 */
export class ZmtpPeer {
  readonly #queue = new ByteQueue();
  readonly #mechanism: Mechanism;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #greeting: Greeting;
  #agreed: Agreed | undefined;
  #isReady = false;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor({ mechanism, send }: PeerOptions) {
    this.#mechanism = mechanism;
    this.#send = send;
    this.#greeting = new Greeting(mechanism.name, send);
  }

  /** Whether the handshake is over. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Bytes of messages that are not whole yet, or were not taken. */
  get heldBytes(): number {
    return this.#queue.length + this.#bytes;
  }

  receive(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /** The parts of the next message, or undefined when it has not arrived as a whole. Throws ZmtpError. */
  next(): readonly Buffer[] | undefined {
    this.#agreed ??= this.#greet();
    if (this.#agreed === undefined) return undefined;
    while (!this.#isReady) if (!this.#shake(this.#agreed)) return undefined;
    return this.#nextMessage(this.#agreed);
  }

  /** Sends a message; only once a message was received, which the handshake comes before. */
  reply(parts: readonly Uint8Array[]): void {
    parts.forEach((part, index) => {
      const body = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      this.#sendFrame({ more: index < parts.length - 1, command: false, body });
    });
  }

  #greet(): Agreed | undefined {
    const agreed = this.#greeting.read(this.#queue);
    const { first } = this.#mechanism;
    if (agreed?.hasMechanism === true && first !== undefined) this.#sendCommand(first);
    return agreed;
  }

  /** Whether there was a frame of the handshake. */
  #shake({ framing, hasMechanism }: Agreed): boolean {
    const frame = takeFrame(this.#queue, framing, () => MAX_COMMAND_BYTES);
    if (frame === undefined) return false;
    if (hasMechanism) {
      if (!frame.command) throw new ZmtpError('not-zmtp');
      const { reply, isOver } = this.#mechanism.shake(frame.body);
      if (reply !== undefined) this.#sendCommand(reply);
      this.#isReady = isOver;
    } else {
      // The identity of an older peer, which nobody asks for.
      this.#isReady = true;
    }
    return true;
  }

  #nextMessage({ framing, hasMechanism }: Agreed): readonly Buffer[] | undefined {
    const { overhead } = this.#mechanism;
    const maxBytes = (isCommand: boolean) =>
      overhead + (isCommand ? MAX_COMMAND_BYTES : MAX_MESSAGE_BYTES - this.#bytes);
    for (;;) {
      const wrapped = takeFrame(this.#queue, framing, maxBytes);
      if (wrapped === undefined) return undefined;
      const frame = hasMechanism ? this.#mechanism.unwrap(wrapped) : wrapped;
      if (frame.command) this.#obey(frame.body);
      else if (this.#add(frame)) return this.#finish();
    }
  }

  #obey(bytes: Buffer): void {
    const pong = pongFor(parseCommand(bytes));
    if (pong !== undefined) this.#sendFrame({ more: false, command: true, body: pong });
  }

  /** Whether it was the last part of its message. */
  #add({ more, body }: Frame): boolean {
    this.#parts.push(body);
    this.#bytes += body.length;
    if (this.#bytes > MAX_MESSAGE_BYTES) throw new ZmtpError('message-bytes');
    if (this.#parts.length + (more ? 1 : 0) > MAX_PARTS) throw new ZmtpError('message-parts');
    return !more;
  }

  #finish(): readonly Buffer[] {
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return parts;
  }

  #sendCommand(body: Buffer): void {
    for (const bytes of frameBytes('v2', { more: false, command: true, body })) this.#send(bytes);
  }

  #sendFrame(frame: Frame): void {
    const { framing = 'v2', hasMechanism = true } = this.#agreed ?? {};
    const sent = hasMechanism ? this.#mechanism.wrap(frame) : frame;
    for (const bytes of frameBytes(framing, sent)) this.#send(bytes);
  }
}
