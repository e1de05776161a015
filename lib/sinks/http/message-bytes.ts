/**
 * The bytes of protobuf messages, written one behind the other into memory that is used again for the next ones
 * (https://protobuf.dev/programming-guides/encoding/). Whoever writes reserves room first: nothing here looks whether there
 * is any.
 */
export interface MessageBytes {
  bytes: Buffer;
  /** How many are written. */
  length: number;
}

export const createMessageBytes = (capacity: number): MessageBytes => ({
  bytes: Buffer.allocUnsafe(capacity),
  length: 0,
});

/** Makes room for so many more. */
export function reserve(into: MessageBytes, more: number): void {
  if (into.length + more <= into.bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(into.bytes.length * 2, into.length + more));
  into.bytes.copy(larger, 0, 0, into.length);
  into.bytes = larger;
}

/** What a varint takes; `value` is a safe integer. A negative one is of 64 bits. */
export function varintLength(value: number): number {
  if (value < 0) return 10;
  let length = 1;
  for (let rest = value; rest >= 0x80; rest /= 0x80) length += 1;
  return length;
}

/** A safe integer. */
export function putVarint(into: MessageBytes, value: number): void {
  const { bytes } = into;
  let { length } = into;
  if (value < 0) {
    into.length = putNegative(bytes, length, value);
    return;
  }
  let rest = value;
  // A shift would cut it to 32 bits.
  while (rest >= 0x8000_0000) {
    bytes[length++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest >= 0x80) {
    bytes[length++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[length++] = rest;
  into.length = length;
}

function putNegative(bytes: Buffer, start: number, value: number): number {
  let rest = BigInt.asUintN(64, BigInt(value));
  let length = start;
  for (; rest >= 0x80n; rest >>= 7n) bytes[length++] = Number(rest & 0x7fn) | 0x80;
  bytes[length++] = Number(rest);
  return length;
}

export function putBytes(into: MessageBytes, { bytes, length }: MessageBytes): void {
  const to = into.bytes;
  const start = into.length;
  // Most are a label of some twenty bytes, for which a call of `copy` takes longer.
  if (length > 64) bytes.copy(to, start, 0, length);
  else for (let index = 0; index < length; index += 1) to[start + index] = bytes[index] as number;
  into.length = start + length;
}

/** A field of type string: its tag, its length in bytes, and the text in UTF-8, with U+FFFD for a lone surrogate. */
export function putText(into: MessageBytes, field: number, text: string): void {
  reserve(into, 11 + text.length * 3);
  into.bytes[into.length++] = (field << 3) | 2;
  const size = Buffer.byteLength(text);
  putVarint(into, size);
  if (size === text.length && size <= 64) {
    for (let index = 0; index < size; index += 1) into.bytes[into.length + index] = text.charCodeAt(index);
  } else {
    into.bytes.write(text, into.length);
  }
  into.length += size;
}

/** What `putText` writes. */
export function textLength(text: string): number {
  const size = Buffer.byteLength(text);
  return 1 + varintLength(size) + size;
}
