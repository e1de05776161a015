import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { withTimeLimit } from '../../platform/deadline.ts';
import { DeadlineError } from '../../platform/errors.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../../platform/http-exchange.ts';
import { withoutSecrets } from '../../platform/quote.ts';
import { type RetryOptions, retry } from '../../platform/retry.ts';
import { createTlsAgent, type TlsIdentity, type TlsTrust, TlsTrustError } from '../../platform/tls.ts';
import { PushError } from './errors.ts';
import {
  networkError,
  type PeerWords,
  pageError,
  statusError,
  strangerError,
  timeoutError,
  trustError,
} from './faults.ts';
import type { SignRequest } from './sigv4.ts';
import { signedSecrets, toBasic, toldSecrets } from './told-secrets.ts';

export interface HttpLinkOptions extends RetryOptions {
  /** The base of the destination, with its path if it has one. */
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** In place of `credentials`: a token for `Authorization: Bearer`, or for the header `tokenHeader`, where it stands alone. */
  readonly token?: string;
  readonly tokenHeader?: string;
  /** Of the configuration, with each request; their values are shown nowhere. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of both: signs each attempt anew, because a signature is good for minutes. */
  readonly sign?: SignRequest;
  /** In place of all of them, for https: a client certificate. */
  readonly identity?: TlsIdentity;
  /** For https; without it the system's certificate authorities are trusted. */
  readonly tls?: TlsTrust;
  /** The longest that one attempt may take; default 15 s. */
  readonly attemptMs?: number;
}

/** What of a request its sender decides. */
export type SentRequest = Pick<HttpRequest, 'method' | 'body' | 'maxBodyBytes'> & {
  readonly headers?: HttpRequest['headers'];
};

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Before each attempt; what it rejects with ends the request. */
  readonly beforeAttempt?: (() => Promise<void>) | undefined;
  /** In place of those of the link. */
  readonly attempts?: number | undefined;
  /** Told of each attempt that failed. */
  readonly onFailed?: ((error: PushError) => void) | undefined;
  /** Of `createAgent`, for several requests over one connection; default: one for this request. */
  readonly agent?: Agent | undefined;
}

/** Requests to one destination. They reject with PushError, or with the signal's reason when that aborts. */
export interface HttpLink {
  /** Origin and path, without a slash at the end. */
  readonly base: string;
  /** What a peer said, or nothing when that repeats a secret that it was told. */
  withoutSecrets(text: string): string;
  /** Keeps its connections until it is destroyed. */
  createAgent(): Agent;
  /** A request that may be repeated: network faults, 5xx and 429 are tried again, three times in all. */
  send(path: string, request: SentRequest, options: SendOptions): Promise<HttpResponse>;
}

/** Throws PushError for a bad URL and TlsTrustError for a malformed trust. */
export function createHttpLink(options: HttpLinkOptions, words: PeerWords): HttpLink {
  const { clock, attemptMs = 15_000 } = options;
  const base = parseBase(options.url, words);
  const createAgent = () =>
    base.startsWith('https:')
      ? createTlsAgent(options.tls, { identity: options.identity })
      : new Agent({ keepAlive: true });
  if (options.identity !== undefined && base.startsWith('http:')) throw certificateWithoutTls(words);
  // A malformed trust is found here and not at the first push.
  createAgent().destroy();
  const { credentials, token, tokenHeader, sign } = options;
  const common = {
    'user-agent': 'vsweep',
    ...(credentials === undefined ? {} : { authorization: `Basic ${toBasic(credentials)}` }),
    ...toTokenHeader(token, tokenHeader),
    ...options.headers,
  };
  const secrets = new Set(toldSecrets(options));

  async function attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { method, url } = request;
    // Without its query, which may hold a token.
    const what = `${method} ${url.origin}${url.pathname}`;
    const limit = { clock, ms: attemptMs, what, signal };
    try {
      const response = await withTimeLimit(limit, async (limited) => {
        const headers = await sign?.(request, { signal: limited });
        if (headers === undefined) return await exchange(request, { signal: limited });
        for (const secret of signedSecrets(headers)) secrets.add(secret);
        return await exchange({ ...request, headers }, { signal: limited });
      });
      const told = { words, secrets: [...secrets], now: clock.now() };
      if (response.status > 299) throw statusError(what, response, told);
      const page = pageError(what, response, words);
      if (page !== undefined) throw page;
      // What is read is checked by who reads it.
      if (method === 'GET') return response;
      if (response.bodyEnd === 'cut-off') throw networkError(what, 'it was cut off', words);
      const stranger = strangerError(what, response, told);
      if (stranger !== undefined) throw stranger;
      return response;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PushError) throw error;
      if (error instanceof DeadlineError) throw timeoutError(what, attemptMs, words);
      if (error instanceof TlsTrustError) throw trustError(what, error);
      throw networkError(what, error, words);
    }
  }

  return {
    base,
    withoutSecrets: (text) => withoutSecrets(text, [...secrets]),
    createAgent,
    async send(
      path,
      { headers, ...request },
      { signal, beforeAttempt, attempts = options.attempts, onFailed, agent: kept },
    ) {
      const url = new URL(base + path);
      const agent = kept ?? createAgent();
      try {
        return await retry(
          words.name,
          async () => {
            await beforeAttempt?.();
            try {
              return await attempt({ ...request, headers: { ...common, ...headers }, url, agent }, signal);
            } catch (error) {
              if (error instanceof PushError) onFailed?.(error);
              throw error;
            }
          },
          { ...options, ...(attempts === undefined ? {} : { attempts }), signal },
        );
      } finally {
        if (kept === undefined) agent.destroy();
      }
    },
  };
}

/**
 * Chunk by chunk, beside the event loop: of a large text only what comes out is held. At the quickest level, because
 * exposition text repeats itself so much that it shrinks to a few percent anyway.
 */
export async function compress(
  text: Iterable<Uint8Array>,
  options: { signal: AbortSignal },
): Promise<Buffer> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const parts: Buffer[] = [];
  // Read as the last step: a pipeline that ends in the gzip itself would resolve before its last bytes are out.
  const collect = async (compressed: AsyncIterable<Buffer>) => {
    for await (const part of compressed) parts.push(part);
  };
  await pipeline(Readable.from(text), gzip, collect, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    throw error;
  });
  return Buffer.concat(parts);
}

/** The whole text. Chunks are made one a turn of the event loop: a text of a second leaves time for everything else. */
export async function gather(
  text: Iterable<Uint8Array>,
  { signal }: { signal: AbortSignal },
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (const part of text) {
    parts.push(part);
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return Buffer.concat(parts);
}

function parseBase(text: string, { section }: PeerWords): string {
  const url = URL.parse(text);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  ) {
    throw new PushError(
      `${section}.url must be an http or https URL without user name and password; those go into ${section}.credentials.`,
      { code: 'url' },
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function toTokenHeader(token: string | undefined, header: string | undefined): Record<string, string> {
  if (token === undefined) return {};
  return header === undefined ? { authorization: `Bearer ${token}` } : { [header.toLowerCase()]: token };
}

const certificateWithoutTls = ({ section }: PeerWords): PushError =>
  new PushError(
    `${section}.credentials hold a private key, for a client certificate, but ${section}.url is http, which has none. Write https, or a password.`,
    { code: 'url' },
  );
