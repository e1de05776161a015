import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A device as a test says it; the rest of what NetBox answers is made of it. */
export interface NetboxDevice {
  /** Its place in the list, from 1, when it is not given. */
  readonly id?: number;
  readonly name?: string | null;
  readonly status?: string;
  /** The slug of its site. */
  readonly site?: string;
  readonly platform?: string;
  /** With mask, as NetBox writes it. */
  readonly ip4?: string;
  readonly ip6?: string;
}

/** What goes wrong with each request from now on. */
export type NetboxFault =
  | 'none'
  | 'forbidden'
  | 'server-error'
  | 'hangs'
  | 'cut-off'
  | 'html'
  | 'reset'
  | 'endless'
  | 'redirects';

export interface FakeNetboxOptions {
  readonly devices: readonly NetboxDevice[];
  readonly token?: string;
  /** Its `API-Version`; 4.5 by default. */
  readonly version?: string;
  /** MAX_PAGE_SIZE; 1,000 by default. */
  readonly maxPageSize?: number;
  /** What it believes to be its origin: behind a proxy, another scheme and host than it is asked at. */
  readonly origin?: string;
  /** What NetBox does not do: it repeats a wrong token, as something between might. */
  readonly echoesToken?: boolean;
}

export interface SeenRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** NetBox's list of devices over HTTP, as far as a client that only reads sees it (checked against release 4.6.8). */
export interface FakeNetbox extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  setDevices(devices: readonly NetboxDevice[]): void;
  /** The only one that it takes from now on. */
  setToken(token: string): void;
  setFault(fault: NetboxFault, options?: { requests?: number }): void;
  /** Answers what hangs. */
  release(): void;
  /** From now on all devices come, whatever is asked: as from a proxy that drops the query. */
  ignoreFilters(): void;
  /** Called before a page is answered. */
  onPage(listener: (page: number) => void): void;
}

const STATUSES = ['offline', 'active', 'planned', 'staged', 'failed', 'inventory', 'decommissioning'];
const DEFAULT_PAGE_SIZE = 50;

export async function startFakeNetbox(options: FakeNetboxOptions): Promise<FakeNetbox> {
  const { version = '4.5', maxPageSize = 1_000 } = options;
  let { token } = options;
  let devices = options.devices;
  let fault: NetboxFault = 'none';
  let faults = 0;
  let ignored = false;
  let listener: (page: number) => void = () => undefined;
  const seen: SeenRequest[] = [];
  const held: (() => void)[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://netbox.invalid');
    const { authorization } = request.headers;
    seen.push({ path: url.pathname, query: url.searchParams, authorization });
    response.setHeader('API-Version', version);
    const answerIt = () => answer(url, request, response);
    if (fault === 'none' || faults === 0) {
      answerIt();
      return;
    }
    faults -= 1;
    if (fault === 'hangs') held.push(answerIt);
    else misbehave(fault, request, response);
  });
  const answer = (url: URL, request: http.IncomingMessage, response: http.ServerResponse) => {
    const { authorization } = request.headers;
    listener(seen.length);
    if (url.pathname !== '/api/dcim/devices/') sendJson(response, 404, { detail: 'Not found.' });
    else if (!isAuthorised(authorization, { token, version })) {
      const detail =
        authorization === undefined
          ? 'Authentication credentials were not provided.'
          : `Invalid token${options.echoesToken === true ? ` ${authorization}` : ''}`;
      sendJson(response, 403, { detail });
    } else {
      const found = filterDevices(devices, ignored ? new URLSearchParams() : url.searchParams);
      if ('errors' in found) sendJson(response, 400, found.errors);
      else {
        const origin = options.origin ?? `http://${request.headers.host}`;
        sendJson(response, 200, pageOf(found.rows, url, { maxPageSize, origin }));
      }
    }
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    setDevices(changed) {
      devices = changed;
    },
    setToken(changed) {
      token = changed;
    },
    setFault(next, { requests = Number.POSITIVE_INFINITY } = {}) {
      fault = next;
      faults = requests;
    },
    release() {
      for (const one of held.splice(0)) one();
    },
    ignoreFilters() {
      ignored = true;
    },
    onPage(next) {
      listener = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** v2 tokens are known since 4.5, and only as `Bearer`. */
function isAuthorised(
  authorization: string | undefined,
  { token, version }: { token: string | undefined; version: string },
): boolean {
  if (token === undefined) return true;
  if (!token.startsWith('nbt_')) return authorization === `Token ${token}`;
  return Number(version.split('.')[1]) >= 5 && authorization === `Bearer ${token}`;
}

/** Values of one filter are alternatives, filters hold together; a choice that does not exist is a fault. */
function filterDevices(devices: readonly NetboxDevice[], query: URLSearchParams) {
  const rows = devices
    .map((device, index) => ({ id: index + 1, ...device }))
    .toSorted((one, other) => one.id - other.id);
  const choices = {
    status: STATUSES,
    site: [...new Set(rows.map(({ site = 'qa-de-1a' }) => site))],
    platform: [...new Set(['vmware-esxi', ...rows.map(({ platform = 'vmware-esxi' }) => platform)])],
  };
  const errors: Record<string, string[]> = {};
  for (const [name, known] of Object.entries(choices)) {
    const wrong = query.getAll(name).filter((value) => !known.includes(value));
    if (wrong.length > 0) {
      errors[name] = wrong.map(
        (value) => `Select a valid choice. ${value} is not one of the available choices.`,
      );
    }
  }
  if (Object.keys(errors).length > 0) return { errors };
  const isAsked = (name: string, value: string) => !query.has(name) || query.getAll(name).includes(value);
  return {
    rows: rows.filter(
      ({ status = 'active', site = 'qa-de-1a', platform = 'vmware-esxi' }) =>
        isAsked('status', status) && isAsked('site', site) && isAsked('platform', platform),
    ),
  };
}

function pageOf(
  rows: readonly (NetboxDevice & { readonly id: number })[],
  url: URL,
  { maxPageSize, origin }: { maxPageSize: number; origin: string },
) {
  const limit = Math.min(Number(url.searchParams.get('limit') ?? DEFAULT_PAGE_SIZE), maxPageSize);
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const next = new URL(url.pathname + url.search, origin);
  next.searchParams.set('limit', String(limit));
  next.searchParams.set('offset', String(offset + limit));
  return {
    count: rows.length,
    next: offset + limit < rows.length ? next.href : null,
    previous: null,
    results: rows.slice(offset, offset + limit).map(toResult),
  };
}

const toResult = ({
  id,
  name = null,
  status = 'active',
  site = 'qa-de-1a',
  ip4,
  ip6,
}: NetboxDevice & { readonly id: number }) => ({
  id,
  name,
  status: { value: status, label: status },
  site: {
    id: 1,
    url: 'http://netbox/api/dcim/sites/1/',
    display: site,
    name: site.toUpperCase(),
    slug: site,
  },
  primary_ip4: ip4 === undefined ? null : { id, family: { value: 4, label: 'IPv4' }, address: ip4 },
  primary_ip6: ip6 === undefined ? null : { id, family: { value: 6, label: 'IPv6' }, address: ip6 },
});

function sendJson(response: http.ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function misbehave(
  fault: Exclude<NetboxFault, 'none' | 'hangs'>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  switch (fault) {
    case 'forbidden':
      sendJson(response, 403, { detail: 'You do not have permission to perform this action.' });
      return;
    case 'server-error':
      response.writeHead(500, { 'content-type': 'text/html' });
      response.end('<!DOCTYPE html><html><body>Server Error</body></html>');
      return;
    case 'cut-off':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
      response.write('{"count": 3, "next": null, "results": [{"id": 1,');
      setImmediate(() => request.socket.destroy());
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<!DOCTYPE html><html><title>Log in</title></html>');
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'endless':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          count: 1_000,
          next: request.url,
          results: [{ id: 1, name: 'a', status: { value: 'active' } }],
        }),
      );
      return;
    case 'redirects':
      response.writeHead(302, { location: 'https://elsewhere.invalid/api/dcim/devices/' });
      response.end();
      return;
  }
}
