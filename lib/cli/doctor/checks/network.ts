import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { messageOf } from '../../../platform/errors.ts';
import { toShellWord } from '../../../platform/quote.ts';
import { certificateEndOf, createTlsAgent, type TlsTrust, TlsTrustError } from '../../../platform/tls.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { judgeCertificate } from '../verdicts/certificate.ts';
import { green, red, type Verdict, yellow } from '../verdicts/verdict.ts';

/** Somebody who is connected to over HTTP. */
export interface Peer {
  /** As lines call it. */
  readonly subject: string;
  /** Of the configuration, where it is to be corrected. */
  readonly path: string;
  readonly url: string;
  readonly trust: TlsTrust | undefined;
  /** Whether a password or token is sent there. */
  readonly hasSecret: boolean;
}

const CONNECT_MS = 10_000;
const HTTP_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** DNS, TCP and TLS of one peer, each only where the one before passed. */
export function networkChecks(peer: Peer, { clock }: Pick<Surroundings, 'clock'>): readonly Check[] {
  const { subject, path } = peer;
  const url = new URL(peer.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (HTTP_PORTS[url.protocol] ?? 443) : Number(url.port);
  const dns: Check = {
    name: 'dns',
    subject,
    ms: CONNECT_MS,
    run: async () => await resolves(host, path),
  };
  const tcp: Check = {
    name: 'tcp',
    subject,
    after: isIP(host) === 0 ? [dns] : [],
    ms: CONNECT_MS,
    run: async (options) => await connects({ host, port, path }, options),
  };
  const secure: Check = {
    name: 'tls',
    subject,
    after: [tcp],
    run: async (options) => await handshakes({ host, port }, peer, { ...options, now: clock.now() }),
  };
  const plain: Check = { name: 'tls', subject, after: [tcp], run: async () => withoutTls(peer) };
  return [...(isIP(host) === 0 ? [dns] : []), tcp, url.protocol === 'https:' ? secure : plain];
}

async function resolves(host: string, path: string): Promise<Verdict> {
  try {
    const addresses = await lookup(host, { all: true });
    return green(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : messageOf(error);
    const reason = `the name ${host} cannot be resolved (${code}). Correct ${path}.url, or the DNS of this machine`;
    return red(reason, `getent hosts ${toShellWord(host)}`);
  }
}

async function connects(
  { host, port, path }: { host: string; port: number; path: string },
  { signal }: { signal: AbortSignal },
): Promise<Verdict> {
  const socket = connect({ host, port, autoSelectFamily: true });
  try {
    await once(socket, 'connect', { signal });
    return green(`${host}:${port} accepts connections`);
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? error.code : messageOf(error);
    return red(
      `${host}:${port} does not accept the connection (${code}). Check the port of ${path}.url, that the server runs, and the firewalls between`,
    );
  } finally {
    // A fault that comes after the wait was given up finds a listener.
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

async function handshakes(
  { host, port }: { host: string; port: number },
  { trust }: Peer,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<Verdict> {
  const agent = createTlsAgent(trust);
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    const servername = isIP(host) === 0 ? host : '';
    agent.createConnection({ host, port, servername }, (error, socket) => {
      if (error) reject(error);
      else resolve(certificateEndOf(socket));
      socket.destroy();
    });
    const endsAt = await promise;
    if (trust !== undefined && 'insecure' in trust)
      return yellow(
        'the certificate is not verified (tls.insecure): whoever answers there gets the password',
      );
    const isPinned = trust !== undefined && 'sha256' in trust;
    return judgeCertificate({ endsAt, now, isPinned });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TlsTrustError)) return red(messageOf(error));
    return red(
      `${error.message}. Compare over a network path that you trust`,
      fingerprintCommand(host, port),
    );
  } finally {
    signal.removeEventListener('abort', stop);
    agent.destroy();
  }
}

const fingerprintCommand = (host: string, port: number): string =>
  `openssl s_client -connect ${toShellWord(`${isIP(host) === 6 ? `[${host}]` : host}:${port}`)} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;

const withoutTls = ({ hasSecret }: Peer): Verdict =>
  hasSecret
    ? yellow('its password or token is sent without TLS: everybody on the way can read it')
    : green('is asked without TLS, and gets no password');
