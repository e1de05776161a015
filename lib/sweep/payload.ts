import { gunzipSync, gzipSync } from 'node:zlib';
import type * as z from 'zod';
import { BatchError } from './errors.ts';

/** What a payload is called in messages, and by which version it is read. */
export interface PayloadName {
  readonly what: string;
  readonly version: number;
}

/** Of a result; a request has a hundredth of that. */
const MAX_DECODED_BYTES = 32_000_000;
const COMPRESS_FROM_BYTES = 100_000;
/** Of a message about a payload, which may name a key of it. */
const MAX_FAULT_CHARACTERS = 200;

/** The bytes of a value: JSON, and compressed inside it when large, because a payload of Lambda has to be JSON. */
export const pack = (value: unknown): Uint8Array => packPlain(toPlain(value));

/** As `pack`; undefined for a value that `unpack` would refuse for its size. */
export function packWithin(value: unknown): Uint8Array | undefined {
  const plain = toPlain(value);
  return plain.length > MAX_DECODED_BYTES ? undefined : packPlain(plain);
}

const toPlain = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function packPlain(plain: Buffer): Uint8Array {
  if (plain.length < COMPRESS_FROM_BYTES) return plain;
  return Buffer.from(JSON.stringify({ gzip: gzipSync(plain, { level: 4 }).toString('base64') }));
}

/** The value of bytes that somebody else packed. Throws BatchError for anything that is not of the schema. */
export function unpack<T>(bytes: Uint8Array, schema: z.ZodType<T>, name: PayloadName): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
    const packed = packedIn(value);
    if (packed !== undefined) {
      const plain = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_DECODED_BYTES });
      value = JSON.parse(plain.toString());
    }
  } catch {
    // JSON.parse and zlib quote their input in messages, and a request holds a ticket: neither message nor cause.
    throw new BatchError(`${name.what}: ${bytes.length} bytes that are not JSON of the contract`);
  }
  return parse(value, schema, name);
}

function packedIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('gzip' in value)) return undefined;
  const { gzip } = value;
  return typeof gzip === 'string' && Object.keys(value).length === 1 ? gzip : undefined;
}

export function parse<T>(value: unknown, schema: z.ZodType<T>, { what, version }: PayloadName): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const fault = `${issue?.path.join('.')}: ${issue?.message}`;
  throw new BatchError(`${what}: not of version ${version}: ${fault.slice(0, MAX_FAULT_CHARACTERS)}`);
}
