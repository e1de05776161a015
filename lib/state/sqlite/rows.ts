import { crc32 } from 'node:zlib';
import type { Item, ItemKey } from '../item.ts';
import { damagedItem } from './errors.ts';

/** A row of the table `items`: an item as JSON, with a sum over key and content, because SQLite has none of its own. */
export interface Row {
  readonly pk: string;
  readonly sk: string;
  readonly item: string;
  readonly sum: number;
}

/** How bytes stand in JSON: `{"$bytes": "<base64>"}`. */
const BYTES = '$bytes';

class EncodedBytes {
  readonly [BYTES]: string;
  constructor(bytes: Uint8Array) {
    this[BYTES] = Buffer.from(bytes).toString('base64');
  }
}

/** As JSON; undefined attributes are left out. Throws TypeError where an attribute has the name that bytes have. */
export function encodeAttributes(attributes: object): string {
  return JSON.stringify(attributes, function (this: Readonly<Record<string, unknown>>, name, value) {
    // A Buffer has been made a list of numbers by its own toJSON by now.
    const content = this[name];
    if (content instanceof Uint8Array) return new EncodedBytes(content);
    if (name === BYTES && !(this instanceof EncodedBytes))
      throw new TypeError(`no attribute is called ${BYTES}`);
    return value;
  });
}

export function decodeAttributes(json: string): Readonly<Record<string, unknown>> {
  // Few items have bytes, and a reviver makes parsing four times as slow.
  if (!json.includes(`"${BYTES}"`)) return JSON.parse(json);
  return JSON.parse(json, (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(BYTES in value)) return value;
    const { [BYTES]: base64 } = value;
    return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value;
  });
}

export function toRow({ pk, sk, ...attributes }: Item): Row {
  const item = encodeAttributes(attributes);
  return { pk, sk, item, sum: sumOf({ pk, sk }, item) };
}

/** Throws StateError where the row is not what was written. */
export function toItem({ pk, sk, item, sum }: Row): Item {
  if (sumOf({ pk, sk }, item) !== sum) throw damagedItem({ pk, sk });
  return { ...decodeAttributes(item), pk, sk };
}

/** Over lengths too, so that no part of a key counts as one of the next. */
const sumOf = ({ pk, sk }: ItemKey, item: string): number =>
  crc32(`${pk.length} ${sk.length} ${pk}${sk}${item}`);
