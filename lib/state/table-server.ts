/**
 * A worker thread: DynamoDB's protocol on a Unix domain socket, kept in LevelDB files. In a thread of its own because
 * dynalite throws out of a callback when the disk fails, which must cost the state and not the run.
 */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { ClassicLevel } from 'classic-level';
import dynalite from 'dynalite';

const { path, socketPath } = workerData as { path: string; socketPath: string };

// Dynalite opens its files with the first request; a fault is worth knowing before that.
const files = new ClassicLevel(path);
await files.open();
await files.close();

let closing = false;
const server = dynalite({ path, createTableMs: 0 });
server.on('request', (_request, response) => {
  // A connection that was busy when the server closed would stay open for the next request, which must go elsewhere.
  response.once('close', () => closing && server.closeIdleConnections());
});
server.listen(socketPath);
await once(server, 'listening');
parentPort?.once('message', () => {
  closing = true;
  server.close(() => process.exit());
});
parentPort?.postMessage('listening');
