import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { EXPOSITION_CONTENT_TYPE } from '../../metrics/encode-exposition.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { type ListenAddress, startListening, stopListening } from './listen.ts';
import { createPublishedGroups, type Publication } from './published-groups.ts';
import { type ServiceStatus, toHealth, toLandingPage } from './service-status.ts';

export interface ExporterOptions {
  readonly listen: ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the process that it serves for; asked at each request. */
  readonly status: () => ServiceStatus;
  /** Exposition text about the process, made for each scrape; its names are none of a sweep's. */
  readonly processText?: () => Promise<string>;
}

/**
 * Serves what was published last of each group: `/metrics` for Prometheus, `/healthz`, and a page on the process.
 * The series are those of the push without the grouping labels `job` and `instance`; of equal series from two
 * groups the one of the group whose key sorts first is served.
 */
export interface Exporter extends AsyncDisposable {
  publish(groupKey: string, publication: Publication): void;
  /** Shows the group no more. */
  withdraw(groupKey: string): void;
  /** Resolves when it listens; rejects with ExporterError. The signal is for the start alone: dispose to stop. */
  start(options: { signal: AbortSignal }): Promise<{ readonly url: string }>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  /** Sent one after the other: what many ask for is not copied for each of them. */
  readonly body: string | readonly Buffer[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** No request has a body or needs long; a scrape of a large fleet may take its time to be sent. */
const SERVER_LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};
const IDLE_SOCKET_MS = 60_000;
const MAX_CONNECTIONS = 100;
/** Each holds the text of its moment until it is sent; Prometheus asks once an interval. */
const MAX_SCRAPES = 8;

export function createExporter({
  listen,
  clock,
  log,
  status,
  processText = async () => '',
}: ExporterOptions): Exporter {
  const groups = createPublishedGroups();
  const server = createServer(SERVER_LIMITS, (request, response) => {
    respond(request, response).catch((error: unknown) => {
      log.error('scrape failed', { error: messageOf(error) });
      if (response.headersSent) response.destroy();
      else send(response, text(500, 'The metrics could not be encoded; see the log of vsweep.\n'));
    });
  });
  server.setTimeout(IDLE_SOCKET_MS);
  const connections = keepYoungest<Socket>(MAX_CONNECTIONS);
  const scrapes = keepYoungest<ServerResponse>(MAX_SCRAPES);
  server.on('connection', connections.add);

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === '/metrics') scrapes.add(response);
    send(response, await pageAt(path, request.method));
  }

  async function pageAt(path: string | undefined, method: string | undefined): Promise<Page> {
    if (path !== '/' && path !== '/metrics' && path !== '/healthz') return text(404, 'Not found. See /.\n');
    if (method !== 'GET' && method !== 'HEAD') {
      return { ...text(405, 'Only GET and HEAD.\n'), headers: { allow: 'GET, HEAD' } };
    }
    if (path === '/') return { status: 200, type: 'text/html; charset=utf-8', body: toLandingPage(status()) };
    if (path === '/healthz') {
      const health = toHealth(status());
      return text(health.status, health.text);
    }
    const bytes = groups.bytes(clock.now());
    const ofProcess = await processText();
    const body = ofProcess === '' ? [bytes] : [bytes, Buffer.from(`\n${ofProcess}`)];
    return { status: 200, type: EXPOSITION_CONTENT_TYPE, body };
  }

  return {
    publish: (groupKey, publication) => groups.publish(groupKey, publication),
    withdraw: (groupKey) => groups.withdraw(groupKey),
    async start({ signal }) {
      const url = await startListening(server, listen, { signal });
      // Such as EMFILE on accept, when many hosts are asked at once: one scrape is lost, not the process.
      server.on('error', (error) =>
        log.warn('the exporter could not accept a connection', { error: messageOf(error) }),
      );
      return { url };
    },
    [Symbol.asyncDispose]: () => stopListening(server),
  };
}

/**
 * Ends the oldest where there are more than `atMost`: those who take their answer are done soon, so it is one who does
 * not, and who asks now gets through, above all who asks whether the process is healthy.
 */
function keepYoungest<T extends Writable>(atMost: number): { add(one: T): void } {
  const kept = new Set<T>();
  return {
    add(one) {
      kept.add(one);
      one.once('close', () => kept.delete(one));
      const [oldest] = kept;
      if (kept.size > atMost) oldest?.destroy();
    },
  };
}

const text = (status: number, body: string): Page => ({ status, type: 'text/plain; charset=utf-8', body });

function send(response: ServerResponse, page: Page): void {
  const body = typeof page.body === 'string' ? [Buffer.from(page.body)] : page.body;
  response.writeHead(page.status, {
    'content-type': page.type,
    'content-length': body.reduce((sum, { byteLength }) => sum + byteLength, 0),
    'x-content-type-options': 'nosniff',
    ...page.headers,
  });
  // Node leaves the body of an answer to HEAD away.
  for (const part of body) response.write(part);
  response.end();
}
