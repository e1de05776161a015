import * as z from 'zod';
import { BatchError } from '../errors.ts';
import type { AskedForKey, Presented } from './present-keys.ts';

/**
 * What the sweep asks of a worker that is to look at host keys, and what comes back: JSON as bytes, checked on both
 * sides. No credential is named, and none is used.
 */
const SCAN_VERSION = 1;

const text = z.string().max(4_096);
const key = z.strictObject({ type: z.string().max(256), blob: z.string().max(16_384) });

const scanRequest = z.strictObject({
  scan: z.literal(SCAN_VERSION),
  /** The worker is done by then; milliseconds since the epoch. */
  endsAt: z.number().nonnegative(),
  hosts: z
    .array(
      z.strictObject({
        address: text,
        port: z.int().min(1).max(65_535),
        types: z.array(z.string().max(256)).max(64),
      }),
    )
    .max(5_000),
});
export type ScanRequest = Omit<z.output<typeof scanRequest>, 'scan'>;

const scanResult = z.strictObject({
  presented: z
    .array(z.union([z.strictObject({ key }), z.strictObject({ error: z.string().max(2_000) })]))
    .max(5_000),
});

export const encodeScanRequest = ({ hosts, endsAt }: { hosts: readonly AskedForKey[]; endsAt: number }) =>
  Buffer.from(JSON.stringify({ scan: SCAN_VERSION, endsAt, hosts }));

/** Undefined for a request of another kind. Throws BatchError for a scan that is not of the contract. */
export function decodeScanRequest(bytes: Uint8Array): ScanRequest | undefined {
  const value = parseJson(bytes);
  if (typeof value !== 'object' || value === null || !('scan' in value)) return undefined;
  const parsed = scanRequest.safeParse(value);
  if (!parsed.success) throw new BatchError(`scan request: not of version ${SCAN_VERSION}`);
  return parsed.data;
}

export const encodeScanResult = (presented: readonly Presented[]): Uint8Array =>
  Buffer.from(JSON.stringify({ presented }));

/** Throws BatchError. */
export function decodeScanResult(bytes: Uint8Array): readonly Presented[] {
  const parsed = scanResult.safeParse(parseJson(bytes));
  if (!parsed.success) throw new BatchError('scan result: not of the contract');
  return parsed.data.presented;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
