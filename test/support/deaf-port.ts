import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface DeafPort extends AsyncDisposable {
  readonly port: number;
}

/** Listens, and never accepts: its thread sleeps. */
const DEAF = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ host: workerData, port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
`;
/** Beyond what the kernel keeps for a backlog of 1; the last ones get no answer to their SYN. */
const FILLERS = 4;

/** A port whose queue is full, so that the kernel drops every further SYN, as a firewall would. */
export async function startDeafPort(address: string): Promise<DeafPort> {
  await using starting = new AsyncDisposableStack();
  const worker = new Worker(DEAF, { eval: true, workerData: address });
  starting.defer(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  const fillers: Socket[] = Array.from({ length: FILLERS }, () => connect(port, address));
  for (const one of fillers) {
    one.on('error', () => undefined);
    starting.defer(() => void one.destroy());
  }
  // The first ones fill the queue.
  await Promise.all(fillers.slice(0, 2).map((one) => once(one, 'connect')));
  const resources = starting.move();
  return { port, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
