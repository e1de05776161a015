import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { uncompress } from 'snappyjs';
import { type DecodedRequest, decodeWriteRequest } from '../../unit/sinks/remote-write/decode.ts';

export interface ReceivedRequest {
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly write: DecodedRequest;
}

export type Answering = (response: ServerResponse, request: ReceivedRequest, socket: IncomingMessage) => void;

export const took: Answering = (response) => void response.writeHead(204).end();

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly seen: ReceivedRequest[];
  /** Requests with samples, as `name{labels}` without those of the group, and their points. */
  points(): string[][];
  connections: number;
}

/** A receiver of remote write that gives its answers in turn, the last one for ever. */
export async function startReceiver(answers: readonly Answering[]): Promise<Receiver> {
  const seen: ReceivedRequest[] = [];
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request);
    const received = {
      path: request.url,
      headers: request.headers,
      body,
      write: decodeWriteRequest(uncompress(body)),
    };
    seen.push(received);
    (answers[Math.min(seen.length, answers.length) - 1] ?? took)(response, received, request);
  });
  const receiver = {
    url: '',
    seen,
    connections: 0,
    points: () =>
      seen
        .map(({ write }) => write.timeseries)
        .filter(({ length }) => length > 0)
        .map((all) => all.map(printSeries)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('connection', () => {
    receiver.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`;
  return receiver;
}

function printSeries({ labels, samples }: DecodedRequest['timeseries'][number]): string {
  const own = labels.filter(({ name }) => !['__name__', 'job', 'instance'].includes(name));
  const name = labels.find((label) => label.name === '__name__')?.value;
  const points = samples.map(({ value, timestamp }) => `${value}@${timestamp}`);
  return `${name}{${own.map((label) => `${label.name}=${label.value}`).join(',')}} ${points.join(' ')}`;
}
