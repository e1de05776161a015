import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  const onError = (cause: Error) => reject(listenError(address, cause));
  signal.addEventListener('abort', onAbort);
  server.once('error', onError);
  try {
    server.listen(address.port, address.host, resolve);
    await promise;
    return urlOf(server.address() as AddressInfo);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    server.removeListener('error', onError);
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
    `The exporter cannot listen on ${host} port ${port}: ${cause.message}. Choose another address or port, or end what holds it.`,
    { code: 'listen', cause },
  );
}
