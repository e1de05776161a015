import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { untilAborted } from '../../platform/until-aborted.ts';
import { ExporterError } from './errors.ts';

/** Port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Resolves to the URL when the server listens. Rejects with ExporterError, or with the signal's reason. */
export async function startListening(
  server: Server,
  address: ListenAddress,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  signal.throwIfAborted();
  server.listen(address.port, address.host);
  try {
    await untilAborted(once(server, 'listening'), signal);
    return urlOf(server.address() as AddressInfo);
  } catch (error) {
    server.close();
    signal.throwIfAborted();
    throw listenError(address, error as Error);
  }
}

/** Ends all connections, also those in the middle of an answer; no matter whether it listens. */
export async function stopListening(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function listenError({ host, port }: ListenAddress, cause: Error): ExporterError {
  return new ExporterError(
    `The exporter cannot listen on ${host} port ${port}: ${cause.message}. Choose another address or port in exporter.listen, or stop the process that uses it.`,
    { code: 'listen', cause },
  );
}
