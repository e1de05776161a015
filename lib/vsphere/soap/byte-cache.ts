/**
 * Values by the bytes they were made of. An answer repeats a few hundred names and attribute lists a million times:
 * each is parsed once. One place a hash and no chains, so whatever a peer sends, a look-up is one comparison; a
 * newcomer takes the place.
 */
export class ByteCache<Value> {
  readonly #entries: ({ readonly bytes: Uint8Array; readonly value: Value } | undefined)[];
  readonly #mask: number;
  readonly #make: (text: string) => Value;
  /** Longer ones are made anew each time, which bounds what is held. */
  readonly #maxLength: number;

  /** `places` is a power of two. */
  constructor(options: { places: number; maxLength: number; make: (text: string) => Value }) {
    this.#entries = new Array(options.places).fill(undefined);
    this.#mask = options.places - 1;
    this.#maxLength = options.maxLength;
    this.#make = options.make;
  }

  /** `hash` is any function of these bytes. */
  get(bytes: Buffer, from: number, to: number, hash: number): Value {
    const place = hash & this.#mask;
    const entry = this.#entries[place];
    if (entry !== undefined && equals(bytes, from, to, entry.bytes)) return entry.value;
    const value = this.#make(bytes.toString('utf8', from, to));
    if (to - from <= this.#maxLength) {
      this.#entries[place] = { bytes: Uint8Array.prototype.slice.call(bytes, from, to), value };
    }
    return value;
  }
}

/** Whether `bytes` holds `other` from `from` to `to`. */
export function equals(bytes: Uint8Array, from: number, to: number, other: Uint8Array): boolean {
  const { length } = other;
  if (to - from !== length) return false;
  for (let at = 0; at < length; at += 1) if (bytes[from + at] !== other[at]) return false;
  return true;
}
