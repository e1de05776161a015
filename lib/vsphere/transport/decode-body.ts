import type { IncomingMessage } from 'node:http';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { VsphereReplyError } from '../errors.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
};

/**
 * The bytes of an answer without its Content-Encoding, as they come. None was asked for, and a request that names none
 * leaves the choice to the server (RFC 9110, 12.5.3): proxies before a vCenter compress. Whoever stops reading ends
 * the connection. Throws VsphereReplyError for an encoding that is not read. What is decoded may be a thousand times
 * larger than what came, so the reader has to bound it.
 */
export function decodeBody(response: IncomingMessage, { origin }: { origin: string }): AsyncIterable<Buffer> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return response;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decoder !== undefined) return pipeline(response, decoder(), () => undefined);
  throw new VsphereReplyError(
    `the answer to ${origin} has the unsupported Content-Encoding "${encoding.slice(0, 80)}". ` +
      'Configure the proxy in front of it to send answers unencoded or with gzip',
    { code: 'not-soap' },
  );
}

/** Whether an error is that of bytes which are not what their Content-Encoding says; a cut has another code. */
export const isDecodingError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'Z_DATA_ERROR';
