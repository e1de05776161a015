import type { ByteQueue } from './byte-queue.ts';
import { ZmtpError } from './errors.ts';

/** How frames are written: `v1` by libzmq 2, `v2` by libzmq 3 and later (ZMTP 2.0 and 3). */
export type Framing = 'v1' | 'v2';

export interface Frame {
  /** Another frame of the same message follows. */
  readonly more: boolean;
  /** It is no part of a message, but concerns the connection. */
  readonly command: boolean;
  readonly body: Buffer;
}

const MORE = 1;
const LARGE = 2;
const COMMAND = 4;
/** Of v1: the length follows in 8 bytes. */
const V1_LARGE = 0xff;
const MAX_SHORT = 255;

/**
 * Takes the next frame, or undefined when it has not arrived as a whole. Throws ZmtpError as soon as its header tells of
 * a body beyond `maxBytes`, before any of it is stored.
 */
export function takeFrame(
  queue: ByteQueue,
  framing: Framing,
  maxBytes: (isCommand: boolean) => number,
): Frame | undefined {
  const header = framing === 'v1' ? readV1Header(queue) : readV2Header(queue);
  if (header === undefined) return undefined;
  const { flags, size, bodyBytes } = header;
  const command = (flags & COMMAND) !== 0;
  if (bodyBytes > maxBytes(command)) throw new ZmtpError('message-bytes');
  if (queue.length < size + bodyBytes) return undefined;
  queue.skip(size);
  return { more: (flags & MORE) !== 0, command, body: queue.take(bodyBytes) };
}

function readV2Header(queue: ByteQueue) {
  if (queue.length < 2) return undefined;
  const flags = queue.at(0);
  if (flags > (MORE | LARGE | COMMAND)) throw new ZmtpError('not-zmtp');
  if ((flags & LARGE) === 0) return { flags, size: 2, bodyBytes: queue.at(1) };
  return queue.length < 9 ? undefined : { flags, size: 9, bodyBytes: queue.uint64At(1) };
}

/** The length counts the flags, which come after it. */
function readV1Header(queue: ByteQueue) {
  if (queue.length < 2) return undefined;
  const isLarge = queue.at(0) === V1_LARGE;
  if (isLarge && queue.length < 10) return undefined;
  const length = isLarge ? queue.uint64At(1) : queue.at(0);
  if (length === 0) throw new ZmtpError('not-zmtp');
  const size = isLarge ? 10 : 2;
  return { flags: queue.at(size - 1) & MORE, size, bodyBytes: length - 1 };
}

/** A frame as it is sent: its header and its body. */
export function frameBytes(framing: Framing, { more, command, body }: Frame): Buffer[] {
  const flags = (more ? MORE : 0) | (command ? COMMAND : 0);
  if (framing === 'v1') {
    const length = body.length + 1;
    const size = length < V1_LARGE ? Buffer.from([length]) : Buffer.from([V1_LARGE, ...uint64(length)]);
    return [Buffer.concat([size, Buffer.from([flags])]), body];
  }
  const isShort = body.length <= MAX_SHORT;
  return [Buffer.from(isShort ? [flags, body.length] : [flags | LARGE, ...uint64(body.length)]), body];
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
