import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBody, isDecodingError } from '../../../lib/vsphere/transport/decode-body.ts';

/** An answer with this header and these bytes. */
const answered = (encoding: string | undefined, bytes: Buffer) =>
  Object.assign(Readable.from([bytes]), {
    headers: encoding === undefined ? {} : { 'content-encoding': encoding },
  }) as unknown as IncomingMessage;

async function read(encoding: string | undefined, bytes: Buffer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of decodeBody(answered(encoding, bytes), { origin: 'Login on vc01' }))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('decodeBody', () => {
  const text = Buffer.from('<a/>');

  it.each([
    [undefined, text],
    ['', text],
    ['identity', text],
    [' Identity ', text],
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    [' x-gzip ', gzipSync(text)],
    ['deflate', deflateSync(text)],
  ])('reads an answer whose Content-Encoding is %j', async (encoding, bytes) => {
    expect(await read(encoding, bytes)).toBe('<a/>');
  });

  it.each(['br', 'gzip, gzip', '__proto__', 'constructor'])(
    'refuses %s, and says what to configure',
    async (encoding) => {
      await expect(read(encoding, text)).rejects.toMatchObject({
        code: 'not-soap',
        message: `the answer to Login on vc01 has the unsupported Content-Encoding "${encoding}". Configure the proxy in front of it to send answers unencoded or with gzip`,
      });
    },
  );

  it('shows 80 characters of an encoding at most', async () => {
    await expect(read('x'.repeat(200), text)).rejects.toThrow(/"x{80}"/);
  });

  it('says of bytes that are not what their encoding says that they are not', async () => {
    const error = await read('gzip', text).catch((reason: unknown) => reason);
    expect(isDecodingError(error)).toBe(true);
    expect(isDecodingError(new Error('cut off'))).toBe(false);
    expect(isDecodingError(Object.assign(new Error('cut off'), { code: 'ECONNRESET' }))).toBe(false);
    expect(isDecodingError(undefined)).toBe(false);
  });
});
