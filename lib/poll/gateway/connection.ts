import type { Socket } from 'node:net';
import { parseFrames, type Received } from './frames.ts';
import { Outbox } from './outbox.ts';
import type { Turns } from './turns.ts';
import { type Ending, ZmtpError } from './zmtp/errors.ts';
import type { Mechanism } from './zmtp/mechanism.ts';
import { ZmtpPeer } from './zmtp/peer.ts';

/** Requests of one connection that are answered at once; a proxy on the way has one connection for all its clients. */
const REQUESTS_AT_ONCE = 128;
/** While so many bytes wait for the client, nothing is read from it. */
const UNREAD_PAUSE_BYTES = 256 * 1024;
/** Replies beyond a first one that may wait. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** Ticks of a second in which this process ran: while it was stalled, no client was late. */
const HANDSHAKE_TICKS = 10;
/** Of requests that were read and wait for their turn: so the client's heartbeats behind them are read, and its end. */
const READ_AHEAD_BYTES = 16 * 1024;
/** What a part costs besides its bytes. */
const PART_BYTES = 128;
const UNREAD_TICKS = 30;

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly address: string;
  readonly mechanism: Mechanism;
  readonly turns: Turns;
  readonly answer: (request: Received) => Promise<readonly Uint8Array[]>;
  /** A message that is no request. */
  readonly onStray: (parts: number) => void;
  /** A request was taken. */
  readonly onRequest: () => void;
  /** A reply waits to be read, with others. */
  readonly onUnread: () => void;
  /** It has no key that is admitted. It is not read any further, and ends later. */
  readonly onRefused: (ending: Ending) => void;
  /** An error of the gateway itself. */
  readonly onFault: (error: unknown) => void;
  /** Called once, when nothing of it is held any more but answers under way; `ending` if the gateway ended it. */
  readonly onEnd: (ending: Ending | undefined) => void;
}

/** A client: reads its requests as long as there is a place for each, and sends the replies. */
export class Connection {
  readonly address: string;
  readonly #options: ConnectionOptions;
  readonly #peer: ZmtpPeer;
  readonly #outbox: Outbox;
  readonly #wake = () => this.#pump();
  readonly #inHand = new Set<Promise<void>>();
  readonly #waiting: Received[] = [];
  #waitingBytes = 0;
  #isRefused = false;
  #isStopped = false;
  #isOver = false;
  #ticks = 0;
  /** When the client last read something, or had nothing to read. */
  #readAt = 0;
  #askedAt = 0;

  constructor(options: ConnectionOptions) {
    const { socket, mechanism } = options;
    this.#options = options;
    this.address = options.address;
    this.#outbox = new Outbox(socket, () => {
      this.#readAt = this.#ticks;
      this.#pump();
    });
    this.#peer = new ZmtpPeer({ mechanism, send: (bytes) => this.#outbox.add(bytes) });
    socket.on('data', (chunk: Buffer) => {
      if (this.#isStopped || this.#isRefused) return;
      this.#peer.receive(chunk);
      this.#pump();
    });
    // 'close' follows it.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#finish(undefined));
    socket.resume();
  }

  /** Bytes that wait for the client to read. */
  get unreadBytes(): number {
    return this.#outbox.bytes;
  }

  /** Whether a request of it is being answered, or waits for its turn. */
  get isBusy(): boolean {
    return this.#inHand.size > 0 || this.#waiting.length > 0 || this.unreadBytes > 0;
  }

  get idleTicks(): number {
    return this.#ticks - this.#askedAt;
  }

  /** Bytes that it sent and that are not answered yet. */
  get heldBytes(): number {
    return this.#waitingBytes + this.#peer.heldBytes;
  }

  /** A second has passed. */
  tick(): void {
    this.#ticks += 1;
    if (this.unreadBytes === 0) this.#readAt = this.#ticks;
    if (!this.#peer.isReady && this.#ticks > HANDSHAKE_TICKS) {
      this.end(this.#isRefused ? undefined : 'handshake');
    } else if (this.#ticks - this.#readAt > UNREAD_TICKS) this.end('unread-replies');
  }

  end(ending: Ending | undefined): void {
    this.#finish(ending);
    this.#options.socket.destroy();
  }

  /** Takes no further request; resolves when those in hand are answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#options.turns.forget(this.#wake);
    // What arrives is read and dropped: to close on unread bytes may take the last reply from the client.
    this.#options.socket.resume();
    await Promise.all(this.#inHand);
  }

  /** Resolves when nothing waits to be read, or the client is gone. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** What is not drained by now is dropped: a client that does not read must not keep the process from ending. */
  close(): void {
    const { socket } = this.#options;
    if (this.unreadBytes > 0) socket.destroy();
    else socket.destroySoon();
  }

  #finish(ending: Ending | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.turns.forget(this.#wake);
    this.#options.onEnd(ending);
  }

  #pump(): void {
    if (this.#isOver || this.#isStopped || this.#isRefused) return;
    try {
      this.#beginAll();
      while (this.#readsOn()) {
        const request = this.#nextRequest();
        if (request === undefined) break;
        this.#waiting.push(request);
        this.#waitingBytes += bytesOf(request);
        this.#beginAll();
      }
      const { socket } = this.#options;
      if (this.#readsOn()) socket.resume();
      else socket.pause();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof ZmtpError)) {
      this.#options.onFault(error);
      this.end('fault');
    } else if (error.code === 'client-key' && !this.#peer.isReady) {
      // Clients of ZeroMQ would connect again at once, for ever, and each handshake costs.
      this.#isRefused = true;
      this.#options.socket.pause();
      this.#options.onRefused(error.code);
    } else {
      this.end(error.code);
    }
  }

  #readsOn(): boolean {
    return this.unreadBytes < UNREAD_PAUSE_BYTES && this.#waitingBytes < READ_AHEAD_BYTES;
  }

  #beginAll(): void {
    for (;;) {
      const [request] = this.#waiting;
      if (request === undefined || this.#inHand.size >= REQUESTS_AT_ONCE) return;
      if (this.unreadBytes >= UNREAD_PAUSE_BYTES || !this.#options.turns.take(this.#wake)) return;
      this.#waiting.shift();
      this.#waitingBytes -= bytesOf(request);
      this.#begin(request);
    }
  }

  #nextRequest(): Received | undefined {
    for (;;) {
      const parts = this.#peer.next();
      if (parts === undefined) return undefined;
      const request = parseFrames(parts);
      if (request !== undefined) return request;
      this.#options.onStray(parts.length);
    }
  }

  #begin(request: Received): void {
    this.#askedAt = this.#ticks;
    this.#options.onRequest();
    const answering = this.#options
      .answer(request)
      .then(
        (parts) => this.#reply(parts),
        () => undefined,
      )
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#inHand.delete(answering);
        this.#options.turns.giveBack();
        this.#pump();
      });
    this.#inHand.add(answering);
  }

  #reply(parts: readonly Uint8Array[]): void {
    if (this.#isOver) return;
    if (this.unreadBytes > MAX_UNREAD_BYTES) this.end('unread-replies');
    else this.#peer.reply(parts);
    this.#options.onUnread();
  }
}

const bytesOf = ({ envelope, body }: Received): number =>
  envelope.reduce((bytes, part) => bytes + part.length + PART_BYTES, body.length + PART_BYTES);
