import { isUtf8 } from 'node:buffer';
import { RepeatedTexts } from './repeated-texts.ts';

/** Given back instead of a position when the bytes that are there do not suffice; nothing is used up then. */
export const INCOMPLETE = -1;

/**
 * The bytes of a stream that are not yet used up, in one piece, with the next ones behind them. Valid UTF-8 up to
 * `end`, which never stands inside a character. Positions hold until the next `append`, which moves what is left.
 */
export class Utf8Window {
  bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  /** The first byte that is not used up. */
  start = 0;
  /** Behind the last whole character. */
  end = 0;
  /** Whether the bytes behind `end` are no UTF-8, whatever follows them. */
  isBroken = false;
  /** Behind the last byte: at most three of a character that is not whole yet. */
  #filled = 0;
  #atStart = true;
  /** From `#textFrom` on, byte by byte; made at the first short text behind an `append`. */
  #text = '';
  #textFrom = 0;
  readonly #repeated = new RepeatedTexts();

  append(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.#filled);
    this.#filled += chunk.length;
    const whole = wholeCharacters(this.bytes, this.end, this.#filled);
    this.isBroken = !isUtf8(this.bytes.subarray(this.end, whole));
    this.end = this.isBroken ? validEnd(this.bytes, this.end, whole) : whole;
    this.#text = '';
    if (this.#atStart) this.#skipByteOrderMark();
  }

  /** Whether bytes are left, those of half a character included. */
  get hasRest(): boolean {
    return this.#filled > this.start;
  }

  /**
   * The text of some bytes. It never holds on to the text of the whole window: V8 copies substrings of less than 13
   * characters, and longer ones are made from the bytes.
   */
  slice(from: number, to: number, isAscii: boolean): string {
    if (!isAscii) return this.bytes.toString('utf8', from, to);
    if (to - from >= 13) return this.#repeated.get(this.bytes, from, to);
    if (this.#text === '') {
      this.#textFrom = from;
      this.#text = this.bytes.toString('latin1', from, this.end);
    }
    return this.#text.slice(from - this.#textFrom, to - this.#textFrom);
  }

  #makeRoom(length: number): void {
    const left = this.#filled - this.start;
    if (left > 0 && this.#filled + length <= this.bytes.length) return;
    const target = left + length <= this.bytes.length ? this.bytes : Buffer.allocUnsafe(2 * (left + length));
    target.set(this.bytes.subarray(this.start, this.#filled));
    this.bytes = target;
    this.end -= this.start;
    this.#filled = left;
    this.start = 0;
  }

  #skipByteOrderMark(): void {
    if (this.end === 0) return;
    this.#atStart = false;
    if (this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf) this.start = 3;
  }
}

/** How far invalid bytes are valid. */
function validEnd(bytes: Uint8Array, from: number, to: number): number {
  let valid = from;
  let invalid = to;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(bytes.subarray(from, wholeCharacters(bytes, from, middle)))) valid = middle;
    else invalid = middle;
  }
  return wholeCharacters(bytes, from, valid);
}

/** Where the last whole character ends: a lead byte among the last three may ask for more than there is. */
function wholeCharacters(bytes: Uint8Array, from: number, to: number): number {
  for (let back = 1; back <= 3 && to - back >= from; back += 1) {
    const byte = bytes[to - back] as number;
    if (byte < 0x80) return to;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? to - back : to;
    }
  }
  return to;
}
