import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OddAnswer {
  readonly status?: number;
  /** The words behind the status. */
  readonly reason?: string;
  /** Text, or what becomes JSON. */
  readonly body: unknown;
}

/** What answers in the place of NetBox, with whatever a test makes of a request. */
export async function startOddNetbox(answer: (request: IncomingMessage) => OddAnswer) {
  const server = createServer((request, response) => {
    const { status = 200, reason = '', body } = answer(request);
    response.writeHead(status, reason, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
