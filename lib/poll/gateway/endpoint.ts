import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { messageOf, VsweepError } from '../../platform/errors.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { endpointAddress } from './endpoint-address.ts';

/** The endpoint cannot be listened on. */
export class ListenError extends VsweepError<'listen'> {}

/** Resolves to the endpoint with its address and port. Rejects with ListenError, or with the signal's reason. */
export async function listenAt(
  server: Server,
  endpoint: string,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  try {
    signal.throwIfAborted();
    server.listen({ ...endpointAddress(endpoint, networkInterfaces()), backlog: BACKLOG });
    await untilAborted(once(server, 'listening'), signal);
  } catch (error) {
    server.close();
    signal.throwIfAborted();
    throw new ListenError(`${endpoint} cannot be listened on: ${messageOf(error)}; name another endpoint`, {
      code: 'listen',
      cause: error,
    });
  }
  const { address, family, port } = server.address() as AddressInfo;
  return `tcp://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

const BACKLOG = 511;
