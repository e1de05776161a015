import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { EXPOSITION_CONTENT_TYPE } from '../../metrics/encode-exposition.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { DeadlineError } from '../../platform/errors.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../../platform/http-exchange.ts';
import { type RetryOptions, retry } from '../../platform/retry.ts';
import { createTlsAgent, type TlsTrust, TlsTrustError } from '../../platform/tls.ts';
import { PushError } from './errors.ts';
import { type GatewayGroup, parseGatewayGroups } from './gateway-groups.ts';
import { groupPath, type PushGroup } from './group-path.ts';
import { networkError, statusError, timeoutError, trustError } from './push-faults.ts';

export interface PushgatewayOptions extends RetryOptions {
  /** The gateway's base, with its path if it has one: groups live below `<url>/metrics`. */
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** For https; without it the system's certificate authorities are trusted. */
  readonly tls?: TlsTrust;
  /** Pushgateway reads gzip since 1.5. */
  readonly gzip: boolean;
  /** The longest that one attempt may take; default 15 s. */
  readonly attemptMs?: number;
}

/** All reject with PushError, or with the signal's reason when that aborts. */
export interface Pushgateway {
  /** Replaces everything that the group holds, or nothing. `text` is exposition text 0.0.4 in chunks; none empties it. */
  put(group: PushGroup, text: Iterable<Uint8Array>, options: { signal: AbortSignal }): Promise<void>;
  /** Deletes the group; the gateway answers alike when there is none. */
  delete(group: PushGroup, options: { signal: AbortSignal }): Promise<void>;
  /** Every group of the gateway that has the labels job and instance and no others. */
  list(options: { signal: AbortSignal }): Promise<readonly GatewayGroup[]>;
}

/** The gateway's list holds all that was pushed to it, by everybody. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

/**
 * A client of one Pushgateway. Network faults, 5xx and 429 are tried again: calls say what the group shall be, or
 * read, so a repeated one does no harm. A 400 is never repeated. Throws PushError for a bad URL and TlsTrustError for
 * a malformed trust.
 */
export function createPushgateway(options: PushgatewayOptions): Pushgateway {
  const { clock, attemptMs = 15_000 } = options;
  const base = parseBase(options.url);
  const createAgent = () => (base.startsWith('https:') ? createTlsAgent(options.tls) : new Agent());
  // A malformed trust is found here and not at the first push.
  createAgent().destroy();
  const basic = toBasic(options.credentials);
  const headers = {
    'user-agent': 'vsweep',
    ...(basic === undefined ? {} : { authorization: `Basic ${basic}` }),
  };
  const secrets = [options.credentials?.password, basic].filter((secret) => secret !== undefined);

  async function attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const what = `${request.method} ${request.url.href}`;
    const limit = { clock, ms: attemptMs, what, signal };
    try {
      const response = await withTimeLimit(limit, (limited) => exchange(request, { signal: limited }));
      if (response.status > 299) {
        throw statusError(what, response, { gzip: options.gzip, secrets });
      }
      return response;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PushError) throw error;
      if (error instanceof DeadlineError) throw timeoutError(what, attemptMs);
      if (error instanceof TlsTrustError) throw trustError(what, error);
      throw networkError(what, error);
    }
  }

  async function send(
    path: string,
    request: Omit<HttpRequest, 'url' | 'agent'>,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const url = new URL(base + path);
    const agent = createAgent();
    try {
      return await retry('the Pushgateway', () => attempt({ ...request, url, agent }, signal), {
        ...options,
        signal,
      });
    } finally {
      agent.destroy();
    }
  }

  return {
    async put(group, text, { signal }) {
      const path = groupPath(group);
      const type = { ...headers, 'content-type': EXPOSITION_CONTENT_TYPE };
      const request = options.gzip
        ? { headers: { ...type, 'content-encoding': 'gzip' }, body: await compress(text, { signal }) }
        : { headers: type, body: Buffer.concat(Array.from(text)) };
      await send(path, { method: 'PUT', ...request }, signal);
    },
    async delete(group, { signal }) {
      await send(groupPath(group), { method: 'DELETE', headers }, signal);
    },
    async list({ signal }) {
      const request = { method: 'GET', headers, maxBodyBytes: MAX_LIST_BYTES } as const;
      const { text, bodyEnd } = await send('/api/v1/metrics', request, signal);
      if (bodyEnd === 'whole') return parseGatewayGroups(text);
      throw new PushError(
        `GET ${base}/api/v1/metrics: the answer was cut off, or is longer than ${MAX_LIST_BYTES / 1024 ** 2} MB.`,
        { code: 'malformed' },
      );
    },
  };
}

/**
 * Chunk by chunk, beside the event loop: of a large text only what comes out is held. At the quickest level, because
 * exposition text repeats itself so much that it shrinks to a few percent anyway.
 */
async function compress(text: Iterable<Uint8Array>, options: { signal: AbortSignal }): Promise<Buffer> {
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

/** Origin and path without a slash at the end. */
function parseBase(text: string): string {
  const url = URL.parse(text);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  ) {
    throw new PushError(
      'push.url must be an http or https URL without user name and password; those go into push.credentials.',
      { code: 'url' },
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function toBasic(credentials: PushgatewayOptions['credentials']): string | undefined {
  if (credentials === undefined) return undefined;
  const { username, password } = credentials;
  return Buffer.from(`${username}:${password}`).toString('base64');
}
