import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

export interface OddAnswer {
  readonly status?: number;
  /** The words behind the status. */
  readonly reason?: string;
  /** Text, or what becomes JSON. */
  readonly body: unknown;
  /** The connection ends before the announced end of the body. */
  readonly isCut?: boolean;
}

/** What answers in the place of NetBox, with whatever a test makes of a request. */
export async function startOddNetbox(
  answer: (request: IncomingMessage) => OddAnswer,
  identity?: { readonly key: string; readonly cert: string },
) {
  const listener: RequestListener = (request, response) => {
    const { status = 200, reason = '', body, isCut = false } = answer(request);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const length = Buffer.byteLength(text) + (isCut ? 1 : 0);
    response.writeHead(status, reason, { 'content-type': 'application/json', 'content-length': length });
    if (isCut) response.write(text, () => response.destroy());
    else response.end(text);
  };
  const server = identity === undefined ? createServer(listener) : createTlsServer(identity, listener);
  let opened = 0;
  server.on(identity === undefined ? 'connection' : 'secureConnection', () => {
    opened += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Connections that were made so far. */
    opened: () => opened,
    /** Those that are open. */
    connections: () => promisify(server.getConnections.bind(server))(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
