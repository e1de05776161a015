import { connect, isIP, type Socket } from 'node:net';
import { messageOf } from '../platform/errors.ts';
import { SshError } from './errors.ts';

/** Where to dial. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
}

export const printTarget = ({ host, port }: SshTarget): string => `${host}:${port}`;

/** This machine is short of something: says nothing about the host. */
const OUR_OWN_SHORTAGE: readonly string[] = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'];

/**
 * Resolves the name and connects, with Nagle's algorithm off (it costs a login 130 ms and more). Rejects with an
 * SshError `dns`, `connection-refused` or `timeout`, with the signal's reason as cause when that ended it; with the
 * system's own error when this machine has no descriptor or port left. No socket stays open after a rejection.
 */
export async function connectTcp(target: SshTarget, { signal }: { signal: AbortSignal }): Promise<Socket> {
  const done = Promise.withResolvers<void>();
  let resolved = isIP(target.host) !== 0; // there is no 'lookup' event for an address
  const onAbort = () => done.reject(connectTimeout(target, resolved, signal.reason));
  if (signal.aborted) throw connectTimeout(target, resolved, signal.reason);
  const socket = connect({ host: target.host, port: target.port, noDelay: true });
  socket.on('lookup', (error: Error | null) => {
    resolved ||= error === null;
  });
  socket.on('connect', () => done.resolve());
  socket.on('error', (error) => done.reject(translate(error, target)));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await done.promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function connectTimeout(target: SshTarget, resolved: boolean, cause: unknown): SshError {
  if (!resolved) {
    return new SshError(
      `${printTarget(target)}: the name was not resolved in time; look at the DNS of this machine`,
      { code: 'dns', cause },
    );
  }
  return new SshError(
    `${printTarget(target)}: TCP did not connect in time; look at the host and at the firewalls on the way`,
    { code: 'timeout', cause },
  );
}

function translate(error: NodeJS.ErrnoException, target: SshTarget): Error {
  const where = printTarget(target);
  if (error.syscall === 'getaddrinfo') {
    return new SshError(
      `${where}: the name is not resolved (${error.code}); correct esxi.address, esxi.domain or the DNS`,
      { code: 'dns', cause: error },
    );
  }
  if (OUR_OWN_SHORTAGE.includes(error.code ?? '')) return error;
  if (error.code === 'ETIMEDOUT') return connectTimeout(target, true, error);
  return new SshError(
    `${where}: no connection (${error.code ?? messageOf(error)}); is the ssh service started, and does the ` +
      'host firewall let this machine in?',
    { code: 'connection-refused', cause: error },
  );
}
