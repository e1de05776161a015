import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';

export interface MemoryRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type MemoryAnswer = (response: ServerResponse, request: IncomingMessage, socket: Duplex) => void;

/** An agent whose connections end in an HTTP server of this process, without a network; answers come in turn, the last one for ever. */
export function createMemoryPeer(...answers: readonly MemoryAnswer[]) {
  const seen: MemoryRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    seen.push({ method, path, headers, body: await buffer(request) });
    const answer = answers[Math.min(seen.length, answers.length) - 1];
    answer?.(response, request, request.socket);
  });
  class MemoryAgent extends Agent {
    override createConnection() {
      const [client, peer] = duplexPair();
      for (const end of [client, peer]) end.on('error', () => undefined);
      server.emit('connection', peer);
      return client;
    }
  }
  return { agent: new MemoryAgent(), seen };
}
