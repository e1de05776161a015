import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What an unpacked value may take as JSON, against a damaged or hostile item. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

export async function packJson(value: unknown): Promise<Uint8Array> {
  return await compress(JSON.stringify(value));
}

/** Throws when the bytes are not gzip of JSON, or too many. */
export async function unpackJson(bytes: Uint8Array, maxBytes = MAX_JSON_BYTES): Promise<unknown> {
  const json = await decompress(bytes, { maxOutputLength: maxBytes });
  return JSON.parse(json.toString('utf8'));
}
