import { Agent } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { EXPOSITION_CONTENT_TYPE } from '../metrics/encode-exposition.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { DeadlineError } from '../platform/errors.ts';
import { createTlsAgent, type TlsTrust, TlsTrustError } from '../platform/tls.ts';
import { PushError } from './errors.ts';
import { groupPath, type PushGroup } from './group-path.ts';
import { exchange, type HttpRequest } from './http-exchange.ts';
import { networkError, statusError, timeoutError, trustError } from './push-faults.ts';
import { type RetryOptions, retryPush } from './push-retry.ts';

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

/** Both reject with PushError, or with the signal's reason when that aborts. */
export interface Pushgateway {
  /** Replaces everything that the group holds, or nothing. `text` is exposition text 0.0.4; '' empties the group. */
  put(group: PushGroup, text: string, options: { signal: AbortSignal }): Promise<void>;
  /** Deletes the group; the gateway answers alike when there is none. */
  delete(group: PushGroup, options: { signal: AbortSignal }): Promise<void>;
}

const compress = promisify(gzip);

/**
 * A client of one Pushgateway. Network faults, 5xx and 429 are tried again: both calls say what the group shall
 * be, so a repeated one does no harm. A 400 is never repeated. Throws PushError for a bad URL and TlsTrustError for
 * a malformed trust.
 */
export function createPushgateway(options: PushgatewayOptions): Pushgateway {
  const { clock, attemptMs = 15_000 } = options;
  const base = parseBase(options.url);
  const createAgent = () => (base.startsWith('https:') ? createTlsAgent(options.tls) : new Agent());
  // A malformed trust is found here and not at the first push.
  createAgent().destroy();
  const headers = { 'user-agent': 'vsweep', ...authorization(options.credentials) };

  async function attempt(request: HttpRequest, signal: AbortSignal): Promise<void> {
    const what = `${request.method} ${request.url.href}`;
    const limit = { clock, ms: attemptMs, what, signal };
    try {
      const response = await withTimeLimit(limit, (limited) => exchange(request, { signal: limited }));
      if (response.status < 200 || response.status > 299) throw statusError(what, response, options);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PushError) throw error;
      if (error instanceof DeadlineError) throw timeoutError(what, attemptMs);
      if (error instanceof TlsTrustError) throw trustError(what, error);
      throw networkError(what, error);
    }
  }

  async function send(
    group: PushGroup,
    request: Omit<HttpRequest, 'url' | 'agent'>,
    signal: AbortSignal,
  ): Promise<void> {
    const url = new URL(base + groupPath(group));
    const agent = createAgent();
    try {
      await retryPush(() => attempt({ ...request, url, agent }, signal), options, { signal });
    } finally {
      agent.destroy();
    }
  }

  return {
    async put(group, text, { signal }) {
      const plain = { ...headers, 'content-type': EXPOSITION_CONTENT_TYPE };
      if (!options.gzip) {
        await send(group, { method: 'PUT', headers: plain, body: Buffer.from(text) }, signal);
        return;
      }
      // The quickest level: exposition text repeats itself so much that it shrinks to a few percent anyway.
      const body = await compress(text, { level: constants.Z_BEST_SPEED });
      await send(group, { method: 'PUT', headers: { ...plain, 'content-encoding': 'gzip' }, body }, signal);
    },
    async delete(group, { signal }) {
      await send(group, { method: 'DELETE', headers }, signal);
    },
  };
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
      'push.url is no plain http or https URL: write it without user name and password, those are push.credentials.',
      { code: 'url' },
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function authorization(credentials: PushgatewayOptions['credentials']): { authorization?: string } {
  if (credentials === undefined) return {};
  const { username, password } = credentials;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
