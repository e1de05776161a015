import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EXPOSITION_CONTENT_TYPE } from '../../metrics/encode-exposition.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { type Deflated, toGzip } from './deflated.ts';
import { type ListenAddress, startListening, stopListening } from './listen.ts';
import { createPublishedGroups, type Publication } from './published-groups.ts';
import { findTarget, readScrapeQuery } from './scrape-query.ts';
import { type ServiceStatus, toHealth, toLandingPage } from './service-status.ts';

export interface ExporterOptions {
  readonly listen: ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
  /** The names of the configured targets. */
  readonly targets?: readonly string[];
  /** Of the process that it serves for; asked at each request. */
  readonly status: () => ServiceStatus;
  /** More pages than its own: whether `path` is one of them, whose answer is on its way then. */
  readonly answerPage?: (path: string, request: IncomingMessage, response: ServerResponse) => boolean;
  /** Exposition text about the process, made for each scrape; its names are none of a sweep's. */
  readonly processText?: () => Promise<string>;
}

/**
 * Serves what was published last of each group: `/metrics` for Prometheus, of one target with `?target=`, `/healthz`,
 * and a page on the process.
 * The series are those of the push without the grouping labels `job` and `instance`; of equal series from two
 * groups the one of the group whose key sorts first is served.
 */
export interface Exporter extends AsyncDisposable {
  publish(groupKey: string, publication: Publication): void;
  /** Shows the group no more; answers whether it was shown. */
  withdraw(groupKey: string): boolean;
  /** Resolves when it listens; rejects with ExporterError. The signal is for the start alone: dispose to stop. */
  start(options: { signal: AbortSignal }): Promise<{ readonly url: string }>;
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No request has a body or needs long; a scrape of a large fleet may take its time to be sent. */
const SERVER_LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 2_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const IDLE_SOCKET_MS = 60_000;
const MAX_CONNECTIONS = 100;
/** A browser has six, Prometheus one, and a proxy a few more. */
const MAX_CONNECTIONS_OF_AN_ADDRESS = 30;
/** Each holds the compressed text of its moment until it is sent; Prometheus asks once an interval. */
const MAX_SCRAPES = 8;

export function createExporter({
  listen,
  clock,
  log,
  status,
  targets = [],
  answerPage = () => false,
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
  const byAddress = keepYoungestEach<Socket>(MAX_CONNECTIONS_OF_AN_ADDRESS);
  const scrapes = keepYoungest<ServerResponse>(MAX_SCRAPES);
  server.on('connection', (socket) => {
    // First those of its own address, so that one machine which opens many costs no other its connections.
    byAddress.add(socket.remoteAddress ?? '', socket);
    connections.add(socket);
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === '/metrics') scrapes.add(response);
    if (path !== undefined && isReading(request.method) && answerPage(path, request, response)) return;
    if (path !== '/metrics' || !isReading(request.method)) {
      send(response, pageAt(path, request.method));
      return;
    }
    const query = readScrapeQuery(request.url);
    if (query.of === 'nothing') send(response, text(400, query.why));
    else if (query.of === 'target') await sendTarget(query.target, request, response);
    else {
      const deflated = await groups.deflated(clock.now());
      const more = Buffer.from(prefixed(await textOfProcess()));
      await sendMetrics({ deflated, more }, request, response);
    }
  }

  /** As an exporter of that target alone would answer, so without what is of this process. */
  async function sendTarget(target: string, request: IncomingMessage, response: ServerResponse) {
    const deflated = groups.deflatedOf(findTarget(target, targets), clock.now());
    if (deflated === undefined) send(response, text(404, 'No run on that target yet, or no such target.\n'));
    else await sendMetrics({ deflated: await deflated, more: Buffer.alloc(0) }, request, response);
  }

  /** What vsweep found is told whatever becomes of this, such as a system that does not say how the process is. */
  async function textOfProcess(): Promise<string> {
    try {
      return await processText();
    } catch (error) {
      log.warn('the metrics of this process are left out of a scrape', { error: messageOf(error) });
      return '';
    }
  }

  function pageAt(path: string | undefined, method: string | undefined): Page {
    if (path !== '/' && path !== '/metrics' && path !== '/healthz') return text(404, 'Not found. See /.\n');
    if (!isReading(method)) {
      return { ...text(405, 'Only GET and HEAD.\n'), headers: { allow: 'GET, HEAD' } };
    }
    if (path === '/') return { status: 200, type: 'text/html; charset=utf-8', body: toLandingPage(status()) };
    const health = toHealth(status());
    return text(health.status, health.text);
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

/** The same for each key by itself. */
function keepYoungestEach<T extends Writable>(atMost: number): { add(key: string, one: T): void } {
  const kept = new Map<string, { readonly youngest: { add(one: T): void }; open: number }>();
  return {
    add(key, one) {
      const ofKey = kept.get(key) ?? { youngest: keepYoungest<T>(atMost), open: 0 };
      kept.set(key, ofKey);
      ofKey.open += 1;
      ofKey.youngest.add(one);
      one.once('close', () => {
        ofKey.open -= 1;
        if (ofKey.open === 0) kept.delete(key);
      });
    },
  };
}

const text = (status: number, body: string): Page => ({ status, type: 'text/plain; charset=utf-8', body });

const isReading = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

/** Families are parted by an empty line. */
const prefixed = (ofProcess: string): string => (ofProcess === '' ? '' : `\n${ofProcess}`);

function send(response: ServerResponse, { status, type, body, headers }: Page): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...NO_SNIFFING,
    ...headers,
  });
  // Node leaves the body of an answer to HEAD away.
  response.end(body);
}

/** Compressed as it is kept for who takes that, as Prometheus does; else unpacked on its way, piece by piece. */
async function sendMetrics(
  { deflated, more }: { deflated: Deflated; more: Buffer },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts = toGzip(deflated, more);
  const isPacked = acceptsGzip(request.headers['accept-encoding']);
  const size = isPacked ? parts.reduce((sum, { length }) => sum + length, 0) : deflated.length + more.length;
  response.writeHead(200, {
    'content-type': EXPOSITION_CONTENT_TYPE,
    'content-length': size,
    vary: 'accept-encoding',
    ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
    ...NO_SNIFFING,
  });
  if (request.method === 'HEAD') response.end();
  else if (isPacked) {
    for (const part of parts) response.write(part);
    response.end();
  } else {
    // Who goes away in the middle of it ends the pipeline, and nobody is left to be told.
    await pipeline(Readable.from(parts), createGunzip(), response).catch(() => response.destroy());
  }
}

const NO_SNIFFING = { 'x-content-type-options': 'nosniff' };

/** https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding; a weight of 0 is a refusal. */
const acceptsGzip = (accepted: string | string[] | undefined): boolean =>
  String(accepted ?? '')
    .split(',')
    .some((coding) => /^\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
