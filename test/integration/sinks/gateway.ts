import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

export interface SeenRequest {
  readonly method: string | undefined;
  /** As it came, not decoded. */
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Gunzipped when it said that it was gzip; `text` is the same as UTF-8. */
  readonly bytes: Buffer;
  readonly text: string;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface Gateway extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** That are open. */
  connections(): Promise<number>;
  /** Resolves when the next request has been read. */
  nextRequest(): Promise<void>;
}

export const answer =
  (status: number, text: string | Uint8Array = '', headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, headers).end(text);
  };

export const reset: Answer = (_response, request) => {
  request.socket.resetAndDestroy();
};

export const hang: Answer = () => undefined;

/** The answer to the question for its groups of a gateway that has none. */
export const noGroups = answer(200, '{"status":"success","data":[]}');

/**
 * Stands where a Pushgateway would: gives the answers in turn, the last one for ever. Whoever asks for its groups learns
 * that there are none, and is not in `seen`, unless the answers to that are among `answers` (`answersLists`).
 */
export async function startGateway(
  answers: readonly Answer[],
  identity?: { readonly key: string; readonly cert: string },
  { answersLists = false }: { answersLists?: boolean } = {},
): Promise<Gateway> {
  const seen: SeenRequest[] = [];
  let wakeUp = Promise.withResolvers<void>();
  const listener: RequestListener = async (request, response) => {
    const body = await buffer(request);
    if (!answersLists && request.url?.endsWith('/api/v1/metrics')) {
      noGroups(response, request);
      return;
    }
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const reply = answers[Math.min(seen.length, answers.length - 1)] ?? hang;
    const { method, url: path, headers } = request;
    seen.push({ method, path, headers, bytes, text: bytes.toString() });
    wakeUp.resolve();
    wakeUp = Promise.withResolvers();
    reply(response, request);
  };
  const server = identity ? createTlsServer(identity, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    connections: () => promisify(server.getConnections.bind(server))(),
    nextRequest: () => wakeUp.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
