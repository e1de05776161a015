import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { messageOf, stalledMsOf } from '../platform/errors.ts';
import { remedyForStall } from '../platform/heartbeat.ts';
import { SshError } from './errors.ts';
import { type ResolveName, resolveName as resolveBySystem } from './resolve-name.ts';

/** Where to dial. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
}

export interface ConnectDeps {
  /** As this machine does by default. */
  readonly resolveName?: ResolveName | undefined;
}

export const printTarget = ({ host, port }: SshTarget): string => `${host}:${port}`;

/** This machine is short of something: says nothing about the host. */
const OUR_OWN_SHORTAGE: readonly (string | undefined)[] = [
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
];

/**
 * Resolves the name and connects, with Nagle's algorithm off (it costs a login 130 ms and more). Rejects with an
 * SshError `dns`, `connection-refused` or `timeout`, with the signal's reason as cause when that ended it; with the
 * system's own error when this machine has no descriptor or port left. No socket stays open after a rejection.
 */
export async function connectTcp(
  target: SshTarget,
  { resolveName = resolveBySystem }: ConnectDeps,
  { signal }: { signal: AbortSignal },
): Promise<Socket> {
  const addresses = await addressesOf(target, resolveName, signal);
  const done = Promise.withResolvers<void>();
  const onAbort = () => done.reject(connectTimeout(target, true, signal.reason));
  if (signal.aborted) throw connectTimeout(target, true, signal.reason);
  const socket = connect({
    host: target.host,
    port: target.port,
    noDelay: true,
    autoSelectFamily: true,
    lookup: answering(addresses),
  });
  socket.on('connect', () => done.resolve());
  socket.on('error', (error) => done.reject(toConnectError(error, target)));
  signal.addEventListener('abort', onAbort);
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

/** An address stands for itself. */
async function addressesOf(
  target: SshTarget,
  resolveName: ResolveName,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(target.host) !== 0) return [target.host];
  if (signal.aborted) throw connectTimeout(target, false, signal.reason);
  try {
    return await resolveName(target.host, { signal });
  } catch (error) {
    if (signal.aborted) throw connectTimeout(target, false, signal.reason);
    throw notResolved(target, error);
  }
}

/** What `connect` asks when it is given a name; of several addresses it tries one after the other. */
function answering(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, _all, answer) => answer(null, found);
}

function notResolved(target: SshTarget, error: unknown): SshError {
  const code = error instanceof Error && 'code' in error ? error.code : messageOf(error);
  return new SshError(
    `${printTarget(target)}: the name cannot be resolved (${code}); correct esxi.address, esxi.domain or the DNS`,
    { code: 'dns', cause: error },
  );
}

function connectTimeout(target: SshTarget, resolved: boolean, cause: unknown): SshError {
  const stall = remedyForStall(stalledMsOf(cause));
  if (!resolved) {
    const remedy = stall ?? 'check the DNS of this machine';
    return new SshError(`${printTarget(target)}: the name was not resolved in time; ${remedy}`, {
      code: 'dns',
      cause,
    });
  }
  const remedy = stall ?? 'check the host and the firewalls between';
  return new SshError(`${printTarget(target)}: the TCP connection timed out; ${remedy}`, {
    code: 'timeout',
    stage: 'connect',
    cause,
  });
}

/** What the system's error says of the host; the error itself where it says nothing. */
export function toConnectError(error: NodeJS.ErrnoException, target: SshTarget): Error {
  const where = printTarget(target);
  if (OUR_OWN_SHORTAGE.includes(error.code)) return error;
  if (error.code === 'ETIMEDOUT') return connectTimeout(target, true, error);
  return new SshError(
    `${where}: connection failed (${error.code ?? messageOf(error)}); check that the ssh service is started and that the ` +
      'firewall of the host allows this machine',
    { code: 'connection-refused', cause: error },
  );
}
