/**
 * Bytes that arrived and were not read yet, in one buffer: a peer that sends byte by byte costs no more than its bytes.
 */
export class ByteQueue {
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The byte at this place, which must have arrived. */
  at(index: number): number {
    return this.#buffer.readUInt8(this.#start + index);
  }

  /** 8 bytes as a number, which is inexact beyond 2^53: such a length is refused anyway. */
  uint64At(index: number): number {
    return Number(this.#buffer.readBigUInt64BE(this.#start + index));
  }

  /** A copy of the next bytes, which must have arrived. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(this.#start, this.#start + count));
    this.skip(count);
    return taken;
  }

  skip(count: number): void {
    this.#start += count;
    if (this.#start < this.#end) return;
    // A connection without a message under way holds no memory.
    this.#buffer = Buffer.alloc(0);
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(more: number): void {
    const { length } = this;
    const needed = length + more;
    const fits = needed <= this.#buffer.length && this.#start >= length;
    const next = fits ? this.#buffer : Buffer.allocUnsafeSlow(needed + Math.min(needed, SPARE_BYTES));
    next.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = next;
    this.#start = 0;
    this.#end = length;
  }
}

/** What a buffer has for bytes to come, at most. */
const SPARE_BYTES = 4 * 1024;
