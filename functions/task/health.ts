import { once } from 'node:events';
import { createServer } from 'node:net';

const LOCAL = '127.0.0.1';
const PATIENCE_MS = 5_000;

/** Answers the health check of the container (cdk/task-health.ts) while the loop of this process turns, and nobody else. */
export async function serveHealth(port: number): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.end('ok', () => socket.destroy());
  });
  server.maxConnections = 8;
  server.listen(port, LOCAL);
  await once(server, 'listening');
  // What befalls it later is a failed check.
  server.on('error', () => undefined);
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
