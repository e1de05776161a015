import { Agent } from 'node:http';
import { withTimeLimit } from '../platform/deadline.ts';
import { DeadlineError } from '../platform/errors.ts';
import { exchange, type HttpResponse } from '../platform/http-exchange.ts';
import { type RetryOptions, retry } from '../platform/retry.ts';
import { createTlsAgent, type TlsTrust } from '../platform/tls.ts';
import { DEVICE_FIELDS, type Device, devicePage, parseDevice } from './device.ts';
import { NetboxError } from './errors.ts';
import {
  type Asked,
  bodyError,
  networkError,
  statusError,
  timeoutError,
  versionOf,
} from './netbox-faults.ts';

/** Any of NetBox's filters of devices; the values of one are alternatives. */
export type DeviceFilter = Readonly<Record<string, readonly string[]>>;

export interface NetboxOptions extends RetryOptions {
  /** NetBox's base, with its path if it has one: the devices are at `<url>/api/dcim/devices/`. */
  readonly url: string;
  /** For https; without it the system's certificate authorities are trusted. */
  readonly tls?: TlsTrust;
  /** The longest that one page may take; default 30 s. */
  readonly attemptMs?: number;
}

/** All devices that a filter finds. */
export interface DeviceAnswer {
  readonly devices: readonly Device[];
  /** How many devices could not be understood, and what was wrong with the first. */
  readonly faulty: { readonly count: number; readonly first: string } | undefined;
  /** What NetBox says of itself; undefined when it does not. */
  readonly apiVersion: string | undefined;
}

/** Rejects with NetboxError, or with the signal's reason when that aborts. */
export interface Netbox {
  listDevices(
    ask: { readonly filter: DeviceFilter; readonly token: string | undefined },
    options: { signal: AbortSignal },
  ): Promise<DeviceAnswer>;
}

/** NetBox's own limit of a page (MAX_PAGE_SIZE); more is cut to it without a word, less by its configuration. */
const PAGE_SIZE = 1_000;
/** 1,000 devices with all their fields and config contexts are some 10 MB. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;
const MAX_PAGES = 1_000;
const MAX_DEVICES = 200_000;

/**
 * A client of NetBox's REST API, version 4. An answer is whole or an error: as many devices as NetBox counts, each
 * once. Network faults, 5xx and 429, an answer that was cut off and one that changed while it was read are tried
 * again from the first page. The token goes to the origin of `url` and nowhere else.
 */
export function createNetbox(options: NetboxOptions): Netbox {
  const { url, tls, clock, attemptMs = 30_000 } = options;
  const endpoint = new URL(`${url.replace(/\/+$/, '')}/api/dcim/devices/`);
  const what = `GET ${endpoint.href}`;
  return {
    async listDevices({ filter, token }, { signal }) {
      const agent = endpoint.protocol === 'https:' ? createTlsAgent(tls) : new Agent({ keepAlive: true });
      const headers = { 'user-agent': 'vsweep', accept: 'application/json', ...authorization(token) };
      const asked = { what, token };
      const get = async (at: URL) => {
        try {
          return await withTimeLimit({ clock, ms: attemptMs, what, signal }, (limited) =>
            exchange(
              { method: 'GET', url: at, headers, agent, maxBodyBytes: MAX_PAGE_BYTES },
              { signal: limited },
            ),
          );
        } catch (error) {
          signal.throwIfAborted();
          throw error instanceof DeadlineError ? timeoutError(asked, attemptMs) : networkError(asked, error);
        }
      };
      try {
        const first = firstPage(endpoint, filter);
        return await retry('NetBox', () => readPages(first, { get, asked, filter }), { ...options, signal });
      } finally {
        agent.destroy();
      }
    },
  };
}

/** v2 tokens (NetBox 4.5 and later) begin with `nbt_`. */
function authorization(token: string | undefined): { authorization?: string } {
  if (token === undefined) return {};
  return { authorization: token.startsWith('nbt_') ? `Bearer ${token}` : `Token ${token}` };
}

/** In the order of ids: a device that is made while pages are read comes last, and moves no other to another page. */
function firstPage(endpoint: URL, filter: DeviceFilter): URL {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(filter)) for (const value of values) query.append(name, value);
  query.append('ordering', 'id');
  query.append('limit', String(PAGE_SIZE));
  query.append('fields', DEVICE_FIELDS);
  return new URL(`?${query}`, endpoint);
}

/**
 * The page after `page`: of `next`, which NetBox makes from what a proxy told it, only the query counts, so that the
 * token goes to no other host and by no other scheme.
 */
function nextPage(page: URL, next: string): URL | undefined {
  const query = URL.parse(next, page.href)?.search;
  return query === undefined ? undefined : new URL(query === '' ? '?' : query, page);
}

async function readPages(
  first: URL,
  work: { get: (page: URL) => Promise<HttpResponse>; asked: Asked; filter: DeviceFilter },
): Promise<DeviceAnswer> {
  const { get, asked, filter } = work;
  const devices = new Map<number, Device>();
  const faults: string[] = [];
  const seen = new Set<string>();
  for (let page = first; ; ) {
    seen.add(page.href);
    const response = await get(page);
    const { count, next, results } = parsePage(response, asked);
    for (const result of results) {
      const parsed = parseDevice(result, filter['status']);
      if ('fault' in parsed) faults.push(parsed.fault);
      else devices.set(parsed.device.id, parsed.device);
    }
    if (next === null) {
      const read = devices.size + faults.length;
      if (read !== count) throw changedError(asked, { read, count });
      const [firstFault] = faults;
      return {
        devices: [...devices.values()],
        faulty: firstFault === undefined ? undefined : { count: faults.length, first: firstFault },
        apiVersion: versionOf(response.headers),
      };
    }
    const following = nextPage(page, next);
    if (following === undefined || seen.has(following.href)) {
      throw bodyError(asked, response, 'its "next" leads nowhere, or back');
    }
    if (seen.size >= MAX_PAGES || count > MAX_DEVICES) throw tooManyError(asked, count);
    page = following;
  }
}

function parsePage(response: HttpResponse, asked: Asked) {
  if (response.status !== 200) throw statusError(asked, response);
  if (response.bodyEnd !== 'whole') throw bodyError(asked, response, '');
  let body: unknown;
  try {
    body = JSON.parse(response.text);
  } catch {
    throw bodyError(asked, response, 'no JSON');
  }
  const { data, error } = devicePage.safeParse(body);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw bodyError(asked, response, `${issue?.path.join('.') || 'the page'}: ${issue?.message}`);
}

function changedError({ what }: Asked, { read, count }: { read: number; count: number }): NetboxError {
  return new NetboxError(
    `${what}: NetBox counts ${count} devices and gave ${read}: devices came or went while they were read. ` +
      'It is read again next time.',
    { code: 'changed', retryable: true },
  );
}

function tooManyError({ what }: Asked, count: number): NetboxError {
  return new NetboxError(
    `${what}: NetBox has ${count} devices for netbox.filter, more than ${MAX_DEVICES}, or more than ${MAX_PAGES} ` +
      'pages of them. Narrow netbox.filter, or raise MAX_PAGE_SIZE of NetBox.',
    { code: 'too-large' },
  );
}
