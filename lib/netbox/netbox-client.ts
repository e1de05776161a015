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
  concealToken,
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
  const { tls, clock, attemptMs = 30_000 } = options;
  const endpoint = new URL(`${options.url.replace(/\/+$/, '')}/api/dcim/devices/`);
  const what = `GET ${endpoint.href}`;
  return {
    async listDevices({ filter, token }, { signal }) {
      const agent = endpoint.protocol === 'https:' ? createTlsAgent(tls) : new Agent({ keepAlive: true });
      const headers = { 'user-agent': 'vsweep', accept: 'application/json', ...authorization(token) };
      const asked = { what, token };
      const get = async (offset: number) => {
        const url = urlOf(endpoint, filter, offset);
        try {
          return await withTimeLimit({ clock, ms: attemptMs, what, signal }, (limited) =>
            exchange(
              { method: 'GET', url, headers, agent, maxBodyBytes: MAX_PAGE_BYTES },
              { signal: limited },
            ),
          );
        } catch (error) {
          signal.throwIfAborted();
          throw error instanceof DeadlineError ? timeoutError(asked, attemptMs) : networkError(asked, error);
        }
      };
      try {
        return await retry('NetBox', () => readPages(get, { asked, filter }), { ...options, signal });
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
function urlOf(endpoint: URL, filter: DeviceFilter, offset: number): URL {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(filter)) for (const value of values) query.append(name, value);
  query.append('ordering', 'id');
  query.append('limit', String(PAGE_SIZE));
  query.append('fields', DEVICE_FIELDS);
  if (offset > 0) query.append('offset', String(offset));
  return new URL(`?${query}`, endpoint);
}

/**
 * Each page begins with the last device of the one before: where it does not, a device came or went in between, and
 * another one would be missed. `next` says only whether there is more, because NetBox makes it from what a proxy told
 * it, and the token goes to no other host and by no other scheme.
 */
async function readPages(
  get: (offset: number) => Promise<HttpResponse>,
  { asked, filter }: { asked: Asked; filter: DeviceFilter },
): Promise<DeviceAnswer> {
  const devices: Device[] = [];
  const faults: string[] = [];
  let lastId: number | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read = devices.length + faults.length;
    const response = await get(Math.max(0, read - 1));
    const { count, next, results } = parsePage(response, asked);
    if (count > MAX_DEVICES) throw tooManyError(asked);
    if (lastId !== undefined && results[0]?.id !== lastId) throw changedError(asked);
    const more = lastId === undefined ? results : results.slice(1);
    for (const result of more) {
      const parsed = parseDevice(result, filter['status']);
      if ('fault' in parsed) faults.push(concealToken(parsed.fault, asked.token));
      else devices.push(parsed.device);
    }
    if (next === null) {
      if (read + more.length !== count) throw changedError(asked);
      const [first] = faults;
      return {
        devices,
        faulty: first === undefined ? undefined : { count: faults.length, first },
        apiVersion: versionOf(response.headers),
      };
    }
    lastId = more.at(-1)?.id;
    if (lastId === undefined)
      throw bodyError(asked, response, 'a further page is announced, but it is empty');
  }
  throw tooManyError(asked);
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

function changedError({ what }: Asked): NetboxError {
  return new NetboxError(`${what}: devices kept changing while they were read. The next run tries again.`, {
    code: 'changed',
    retryable: true,
  });
}

function tooManyError({ what }: Asked): NetboxError {
  return new NetboxError(
    `${what}: netbox.filter selects more than ${MAX_DEVICES} devices, or more than ${MAX_PAGES} pages of them. ` +
      'Narrow netbox.filter, or raise MAX_PAGE_SIZE of NetBox.',
    { code: 'too-large' },
  );
}
