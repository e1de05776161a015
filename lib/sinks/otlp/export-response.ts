import * as z from 'zod';
import type { HttpResponse } from '../../platform/http-exchange.ts';
import { readMessage } from './read-message.ts';

/** What a receiver says of the points of one request. */
export interface PartialSuccess {
  readonly rejected: number;
  /** As it came; '' when it said nothing. */
  readonly message: string;
}

export type Answer = Pick<HttpResponse, 'status' | 'headers' | 'bytes'>;

const ALL_TAKEN: PartialSuccess = { rejected: 0, message: '' };

/**
 * Reads the answer to a request, ExportMetricsServiceResponse { ExportMetricsPartialSuccess { int64 rejected_data_points = 1;
 * string error_message = 2; } partial_success = 1; }, as protobuf or as the JSON of that. Nothing is that as well: all was
 * taken (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response). Undefined when it is no answer of a receiver.
 */
export function readExportResponse({ status, headers, bytes }: Answer): PartialSuccess | undefined {
  if (bytes.length === 0) return ALL_TAKEN;
  if (status !== 200) return undefined;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return readJson(bytes);
  return type === 'application/x-protobuf' || type === 'application/protobuf' ? readBytes(bytes) : undefined;
}

function readBytes(bytes: Uint8Array): PartialSuccess | undefined {
  const fields = readMessage(bytes);
  if (fields === undefined) return undefined;
  let partial = ALL_TAKEN;
  for (const { field, value } of fields) {
    if (field !== 1) continue;
    const inner = typeof value === 'bigint' ? undefined : readMessage(value);
    if (inner === undefined) return undefined;
    partial = {
      rejected: toCount(inner.findLast((one) => one.field === 1)?.value),
      message: toText(inner.findLast((one) => one.field === 2)?.value),
    };
  }
  return partial;
}

const json = z.strictObject({
  partialSuccess: z
    .object({
      // 64 bits are a text in the JSON of protobuf.
      rejectedDataPoints: z.union([z.string().regex(/^-?\d{1,19}$/), z.int()]).optional(),
      errorMessage: z.string().optional(),
    })
    .nullish(),
});

function readJson(bytes: Uint8Array): PartialSuccess | undefined {
  try {
    const { partialSuccess } = json.parse(JSON.parse(Buffer.from(bytes).toString()));
    const { rejectedDataPoints = 0, errorMessage = '' } = partialSuccess ?? {};
    return { rejected: toCount(BigInt(rejectedDataPoints)), message: errorMessage };
  } catch {
    return undefined;
  }
}

/** The message of google.rpc.Status { int32 code = 1; string message = 2; }, the body of an error; undefined for any other body. */
export function readStatusMessage({ headers, bytes }: Answer): string | undefined {
  if (!/^application\/(?:x-)?protobuf\b/i.test(headers['content-type'] ?? '')) return undefined;
  return toText(readMessage(bytes)?.findLast(({ field }) => field === 2)?.value);
}

/** An int64; what is below 0, which no count is, or too large for a number, is at the end of what may be. */
const toCount = (value: bigint | Uint8Array | undefined): number =>
  typeof value === 'bigint'
    ? Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Number(BigInt.asIntN(64, value))))
    : 0;

const toText = (value: bigint | Uint8Array | undefined): string =>
  value === undefined || typeof value === 'bigint' ? '' : Buffer.from(value).toString();
