import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { isSigned } from './signature.ts';
import { urlEvent } from './url-event.ts';

/** The URL of a function, with AWS_IAM auth, on this machine; over HTTP. */
export interface FunctionUrl extends AsyncDisposable {
  readonly url: string;
}

/** What Lambda takes for text; everything else reaches a function as Base64. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml)\b)/;

/** Calls of the URL become invocations of the function, each with the event that AWS makes of it. */
export async function startFunctionUrl(
  invoke: (event: object) => Promise<{ statusCode: number; headers: Record<string, string>; body: string }>,
): Promise<FunctionUrl> {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const { method = '', url: path = '', headers } = request;
    if (!isSigned({ method, path, headers, body }, { service: 'lambda' })) {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"Message":"Forbidden"}');
      return;
    }
    const isBase64Encoded = !TEXT.test(headers['content-type'] ?? '');
    const text = body.toString(isBase64Encoded ? 'base64' : 'utf8');
    const answer = await invoke(
      urlEvent({ method, body: body.length > 0 ? text : undefined, isBase64Encoded }),
    );
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
