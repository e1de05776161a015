import { closeSync, openSync, readSync } from 'node:fs';

/** https://sqlite.org/walformat.html: a header, then frames of a header and a page each. */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Of a header whose sums read words as little-endian; one more where they are big-endian. */
const MAGIC = 0x377f0682;

/** Where the log stops being what was written, with the salts of its header: frames are counted from 1. */
interface Break {
  readonly frame: number;
  readonly salts: string;
}

type Sums = readonly [number, number];

/**
 * Whether transactions stand in the log that SQLite will not play, because something before them is damaged: in words,
 * else undefined. A tail that is torn is no damage: it was never acknowledged. The next transaction is written when the
 * one before is on the disk, so a frame whose sum goes on from the end of a transaction behind the break says that this
 * one was acknowledged. Others may write meanwhile, and a frame that is looked at in the middle of its write is whole
 * at the next look. Throws the file system's errors.
 */
export function damageOfLog(path: string): string | undefined {
  let before: Break | undefined;
  for (;;) {
    const found = findBreak(path);
    if (found === undefined) return undefined;
    if (before?.frame === found.frame && before.salts === found.salts) {
      return found.frame === 0
        ? `the header of its log ${path} is damaged`
        : `its log ${path} is damaged at frame ${found.frame}, with transactions after it`;
    }
    before = found;
  }
}

function findBreak(path: string): Break | undefined {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return undefined;
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(descriptor, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return undefined;
    const salts = header.toString('hex', 16, 24);
    if (!isHeader(header)) {
      // A log that was begun and never reached the disk may be of zeros.
      const isBlank = header.every((byte) => byte === 0) && !hasMore(descriptor);
      return isBlank ? undefined : { frame: 0, salts };
    }
    return findBreakIn(framesOf(descriptor, header.readUInt32BE(8)), header);
  } finally {
    closeSync(descriptor);
  }
}

const isLittleEndian = (header: Buffer): boolean => header.readUInt32BE(0) === MAGIC;

function isHeader(header: Buffer): boolean {
  const pageSize = header.readUInt32BE(8);
  const isPageSize = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
  if ((header.readUInt32BE(0) & ~1) >>> 0 !== MAGIC || !isPageSize) return false;
  return isSum(header, 24, sumOf(header.subarray(0, 24), isLittleEndian(header)));
}

/** The first frame of the header's salts that does not go on from the one before, when it hides a transaction. */
function findBreakIn(frames: Iterable<Buffer>, header: Buffer): Break | undefined {
  const isLittle = isLittleEndian(header);
  const salts = header.toString('hex', 16, 24);
  let sums: Sums = [header.readUInt32BE(24), header.readUInt32BE(28)];
  let broken: number | undefined;
  let isEnd = false;
  let number = 0;
  for (const frame of frames) {
    number += 1;
    const isOfThisLog = frame.toString('hex', 8, 16) === salts;
    const ofHeader = sumOf(frame.subarray(0, 8), isLittle, sums);
    const isNext =
      isOfThisLog && isSum(frame, 16, sumOf(frame.subarray(FRAME_HEADER_BYTES), isLittle, ofHeader));
    if (!isNext) broken ??= number;
    else if (broken !== undefined && isEnd) return { frame: broken, salts };
    // What it says of itself, so that the next frame is compared with it also where it is the damaged one.
    sums = [frame.readUInt32BE(16), frame.readUInt32BE(20)];
    isEnd = frame.readUInt32BE(4) !== 0;
  }
  return undefined;
}

const isSum = (bytes: Buffer, at: number, [one, two]: Sums): boolean =>
  bytes.readUInt32BE(at) === one && bytes.readUInt32BE(at + 4) === two;

/** In pairs of words; the first one of a log is 0 and 0. */
function sumOf(bytes: Buffer, isLittle: boolean, [one, two]: Sums = [0, 0]): Sums {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let first = one;
  let second = two;
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + words.getUint32(at, isLittle) + second) >>> 0;
    second = (second + words.getUint32(at + 4, isLittle) + first) >>> 0;
  }
  return [first, second];
}

/** Whole frames only; each is good until the next one is asked for. */
function* framesOf(descriptor: number, pageSize: number): Iterable<Buffer> {
  const size = FRAME_HEADER_BYTES + pageSize;
  const chunk = Buffer.allocUnsafe(size * Math.floor(CHUNK_BYTES / size));
  for (let at = HEADER_BYTES; ; ) {
    const read = readFully(descriptor, chunk, at);
    for (let start = 0; start + size <= read; start += size) yield chunk.subarray(start, start + size);
    if (read < chunk.length) return;
    at += read;
  }
}

/** Of several frames of the largest pages. */
const CHUNK_BYTES = 1_048_576;

function readFully(descriptor: number, into: Buffer, from: number): number {
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, into, length, into.length - length, from + length);
    length += read;
    if (read === 0 || length === into.length) return length;
  }
}

function hasMore(descriptor: number): boolean {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const read = readFully(descriptor, chunk, HEADER_BYTES);
  return chunk.subarray(0, read).some((byte) => byte !== 0);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
