import { equals } from './byte-cache.ts';

/** A power of two. */
const PLACES = 1_024;
const MAX_LENGTH = 64;

interface Kept {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Texts of ASCII by their bytes. Names of sensors, states and descriptions come a thousand times in an answer, and to make
 * a text of bytes takes Node ten times as long as to find one here; whoever looks it up in a Map finds it quicker, too. One
 * place a hash, and only what comes for the second time is kept, so that texts which differ, as most do, cost no copy.
 */
export class RepeatedTexts {
  /** Made when they are needed: most answers are small. */
  #kept: (Kept | undefined)[] | undefined;
  #seen = new Uint32Array(0);

  get(bytes: Buffer, from: number, to: number): string {
    if (to - from > MAX_LENGTH) return bytes.toString('latin1', from, to);
    if (this.#kept === undefined) {
      this.#kept = new Array(PLACES).fill(undefined);
      this.#seen = new Uint32Array(PLACES);
    }
    const hash = hashOf(bytes, from, to);
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    const found = this.#kept[place];
    if (found !== undefined && equals(bytes, from, to, found.bytes)) return found.text;
    const text = bytes.toString('latin1', from, to);
    if (this.#seen[place] === hash)
      this.#kept[place] = { bytes: Uint8Array.prototype.slice.call(bytes, from, to), text };
    this.#seen[place] = hash;
    return text;
  }
}

/** Two bytes a step, which takes half as long. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  let at = from;
  for (; at + 1 < to; at += 2)
    hash = Math.imul(hash, 0x0100_0193) ^ ((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
  if (at < to) hash = Math.imul(hash, 0x0100_0193) ^ (bytes[at] as number);
  return hash >>> 0;
}
