import type { Socket } from 'node:net';

const PIECE_BYTES = 64 * 1024;

/**
 * What waits to be sent on a connection. The system gets it piece by piece, so that it is known how much a peer that
 * does not read leaves here, and whether it has read anything since.
 */
export class Outbox {
  readonly #socket: Socket;
  readonly #onSent: (bytes: number) => void;
  readonly #pieces: Uint8Array[] = [];
  #isSending = false;
  #bytes = 0;
  readonly #closed = Promise.withResolvers<void>();
  #drained = Promise.withResolvers<void>();

  /** `onSent` is called when the system took so many bytes. */
  constructor(socket: Socket, onSent: (bytes: number) => void) {
    this.#socket = socket;
    this.#onSent = onSent;
    socket.on('close', () => this.#closed.resolve());
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#pieces.push(bytes.subarray(at, at + PIECE_BYTES));
    }
    if (this.#isSending) return;
    this.#isSending = true;
    // What is added in one go leaves in one packet.
    queueMicrotask(() => this.#send());
  }

  /** Resolves when nothing waits, or the socket is closed. */
  async drained(): Promise<void> {
    if (this.#isSending) await Promise.race([this.#drained.promise, this.#closed.promise]);
  }

  #send(): void {
    const piece = this.#takePiece();
    this.#isSending = piece.length > 0;
    if (!this.#isSending) {
      this.#drained.resolve();
      this.#drained = Promise.withResolvers();
      return;
    }
    this.#socket.write(piece, (error) => {
      // The socket closes then, and what waits is dropped with it.
      if (error != null) return;
      this.#bytes -= piece.length;
      this.#onSent(piece.length);
      this.#send();
    });
  }

  #takePiece(): Buffer {
    let bytes = 0;
    const fits = this.#pieces.findIndex(({ length }) => {
      bytes += length;
      return bytes > PIECE_BYTES;
    });
    return Buffer.concat(this.#pieces.splice(0, fits === -1 ? this.#pieces.length : fits));
  }
}
