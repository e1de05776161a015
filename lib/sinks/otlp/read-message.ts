/** A field of a protobuf message: its number, and a number, or the bytes of a text or of a message. */
export interface Field {
  readonly field: number;
  readonly value: bigint | Uint8Array;
}

/**
 * The fields of a message as they come (https://protobuf.dev/programming-guides/encoding/), or undefined when the bytes are
 * none. Never longer than the bytes: nothing is believed of a length before it was compared.
 */
export function readMessage(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const readVarint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      // Behind the end as well there is none that ends it.
      const byte = bytes[at++] ?? 0x80;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };
  const readFixed = (size: 4 | 8): bigint | undefined => {
    if (at + size > bytes.length) return undefined;
    at += size;
    return size === 8 ? view.getBigUint64(at - 8, true) : BigInt(view.getUint32(at - 4, true));
  };
  const readBytes = (): Uint8Array | undefined => {
    const length = readVarint();
    if (length === undefined || length > BigInt(bytes.length - at)) return undefined;
    at += Number(length);
    return bytes.subarray(at - Number(length), at);
  };
  while (at < bytes.length) {
    const tag = readVarint();
    if (tag === undefined || tag < 8n || tag >= 2n ** 32n) return undefined;
    const value = readValue(Number(tag & 7n), { readVarint, readFixed, readBytes });
    if (value === undefined) return undefined;
    fields.push({ field: Number(tag >> 3n), value });
  }
  return fields;
}

function readValue(
  type: number,
  read: {
    readVarint(): bigint | undefined;
    readFixed(size: 4 | 8): bigint | undefined;
    readBytes(): Uint8Array | undefined;
  },
): bigint | Uint8Array | undefined {
  switch (type) {
    case 0:
      return read.readVarint();
    case 1:
      return read.readFixed(8);
    case 2:
      return read.readBytes();
    case 5:
      return read.readFixed(4);
    default:
      return undefined;
  }
}
