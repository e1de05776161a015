import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

/** The beginning of a gzip file (RFC 1952) without its end, so that more can be put behind it for each reader. */
export interface Deflated {
  readonly body: Buffer;
  readonly crc: number;
  /** Of the text, in bytes. */
  readonly length: number;
}

/** Magic, deflate, no flags, no time, quickest, Unix. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);
const LEVEL = { level: constants.Z_BEST_SPEED };

/** Deflates chunk by chunk, beside the event loop; ends on a byte, and not with a last block. */
export async function deflate(chunks: Iterable<Uint8Array>): Promise<Deflated> {
  let crc = 0;
  let length = 0;
  function* counted() {
    for (const chunk of chunks) {
      crc = crc32(chunk, crc);
      length += chunk.length;
      yield chunk;
    }
  }
  const parts: Buffer[] = [];
  const deflating = createDeflateRaw({ ...LEVEL, finishFlush: constants.Z_SYNC_FLUSH });
  await pipeline(Readable.from(counted()), deflating, async (deflated: AsyncIterable<Buffer>) => {
    for await (const part of deflated) parts.push(part);
  });
  return { body: Buffer.concat(parts), crc, length };
}

/** One gzip file of the text and `more`, in parts of which the large one is not copied. */
export function toGzip({ body, crc, length }: Deflated, more: Buffer): readonly Buffer[] {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(more, crc));
  end.writeUInt32LE((length + more.length) % 2 ** 32, 4);
  return [HEADER, body, deflateRawSync(more, LEVEL), end];
}
