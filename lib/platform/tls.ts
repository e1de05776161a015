import { createHash, X509Certificate } from 'node:crypto';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { messageOf, VsweepError } from './errors.ts';
import { explainDistrust, toHandshakeError } from './tls-faults.ts';

/**
 * Whom a client believes: one of several leaf certificates by the SHA-256 of their DER form (`AB:CD:…`, colons and
 * case do not matter), the issuers of a PEM bundle, Node's issuers and those of the system, or whoever answers.
 */
export type TlsTrust = (
  | { readonly sha256: readonly string[] }
  | { readonly ca: string }
  | { readonly issuers: 'system' }
  | { readonly insecure: true }
) & { readonly words?: TrustWords };

/** How the configuration at hand writes whom it trusts, for the remedy in a message. */
export interface TrustWords {
  /** What pins a certificate beside those that are pinned already. */
  readonly pin: (sha256: string, pinned: readonly string[]) => string;
  /** What to do with that, where a trust is written already, and where none is. */
  readonly change: (isWritten: boolean) => string;
  readonly ca: string;
}

const FILE_WORDS: TrustWords = {
  pin: (sha256, pinned) => `tls: { sha256: [${[...pinned, sha256].map((one) => `"${one}"`).join(', ')}] }`,
  // A second `tls` beside it would be a fault of the file.
  change: (isWritten) => (isWritten ? 'replace its tls in the configuration by' : 'add to the configuration'),
  ca: 'tls: { ca: <file> }',
};

/**
 * `pin-mismatch` and `untrusted`: the peer is not who it should be; nothing was sent to it.
 * `pin-malformed` and `ca-malformed`: the configuration itself.
 */
export class TlsTrustError extends VsweepError<
  'pin-mismatch' | 'untrusted' | 'pin-malformed' | 'ca-malformed' | 'identity-malformed'
> {}

/** Who a client is: its private key and its certificate, with those between it and its issuer, in one PEM text. */
export interface TlsIdentity {
  readonly pem: string;
  readonly passphrase?: string;
}

export interface TlsAgentOptions {
  /** From the start of the connection to the end of the TLS handshake, each silence in between. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** For servers that ask for a client certificate. */
  readonly identity?: TlsIdentity | undefined;
  /** How names are resolved; by the system by default. */
  readonly lookup?: LookupFunction;
}

/**
 * A keep-alive agent that hands out only connections whose certificate was checked, so no byte of a request reaches
 * a peer that is not trusted. Destroy it when the work is done. Throws TlsTrustError on a malformed trust.
 * Node tells an aborted request so only when its connection is made or has failed: also wait for the signal itself,
 * as in `once(request, 'response', { signal })`.
 */
export function createTlsAgent(
  trust: TlsTrust = { issuers: 'system' },
  options: TlsAgentOptions = {},
): https.Agent {
  return new CheckedAgent(toPolicy(trust, options.identity), options);
}

/** The SHA-256 of a certificate in PEM or DER form, as the configuration writes it. */
export function sha256Of(certificate: string | Buffer): string {
  return new X509Certificate(certificate).fingerprint256;
}

interface Policy {
  readonly trust: TlsTrust;
  readonly pins: ReadonlySet<string> | undefined;
  /** Whether the issuers are those of the configuration. */
  readonly hasIssuers: boolean;
  readonly secureContext: tls.SecureContext;
}

interface PeerAddress {
  readonly host: string;
  readonly port: number;
  readonly servername: string;
}

/**
 * An idle connection is closed then: NAT gateways and firewalls forget it after 350 s, and the next request on it would
 * wait in vain.
 */
const KEPT_MS = 240_000;

class CheckedAgent extends https.Agent {
  readonly #policy: Policy;
  readonly #connectTimeoutMs: number;
  readonly #lookup: LookupFunction | undefined;
  readonly #connecting = new Set<tls.TLSSocket>();

  constructor(policy: Policy, { connectTimeoutMs = 10_000, lookup }: TlsAgentOptions) {
    super({ keepAlive: true, maxCachedSessions: 0, timeout: KEPT_MS });
    this.#policy = policy;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#lookup = lookup;
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const peer = toPeerAddress(options);
    const socket = openUnchecked(peer, this.#policy, this.#lookup);
    let isResolved = isIP(peer.host) !== 0;
    socket.once('lookup', () => {
      isResolved = true;
    });
    this.#connecting.add(socket);
    let settled = false;
    const settle = (fault: Error | undefined) => {
      if (settled) return;
      settled = true;
      this.#connecting.delete(socket);
      socket.setTimeout(0);
      if (fault !== undefined) socket.destroy();
      callback?.(fault ?? null, socket);
    };
    socket.setTimeout(this.#connectTimeoutMs, () => settle(isResolved ? silence(peer) : unresolved(peer)));
    socket.on('error', (error) => settle(toHandshakeError(error, `${peer.host}:${peer.port}`)));
    socket.once('close', () => settle(closed(peer)));
    socket.once('secureConnect', () => {
      const leaf = socket.getPeerX509Certificate();
      noteEnd(socket, leaf);
      settle(faultOfPeer(socket, { peer, leaf }, this.#policy));
    });
  }

  override destroy(): void {
    for (const socket of this.#connecting) socket.destroy();
    super.destroy();
  }
}

/** By connection: Node 24 gives the certificate of a peer to the first who asks for it, and nothing to others. */
const CERTIFICATE_ENDS = new WeakMap<Duplex, number>();

function noteEnd(socket: tls.TLSSocket, leaf: X509Certificate | undefined): void {
  const end = leaf?.validToDate.getTime();
  if (end !== undefined && Number.isFinite(end)) CERTIFICATE_ENDS.set(socket, end);
}

/**
 * When the certificate ends that the peer of a connection of such an agent showed: milliseconds since the epoch;
 * undefined where it has no readable end.
 */
export const certificateEndOf = (socket: Duplex): number | undefined => CERTIFICATE_ENDS.get(socket);

/**
 * Verification is asked for here and judged in `faultOfPeer`, before anything is written: only so can the message
 * show the fingerprint that was seen. No session is resumed, because Node knows no certificate of a resumed one.
 */
function openUnchecked(
  { host, port, servername }: PeerAddress,
  { secureContext }: Policy,
  lookup: LookupFunction | undefined,
): tls.TLSSocket {
  return tls.connect({
    host,
    port,
    servername,
    secureContext,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    noDelay: true,
    keepAlive: true,
    ...(lookup === undefined ? {} : { lookup }),
  } as tls.ConnectionOptions);
}

function faultOfPeer(
  socket: tls.TLSSocket,
  { peer, leaf }: { peer: PeerAddress; leaf: X509Certificate | undefined },
  { trust, pins, hasIssuers }: Policy,
): TlsTrustError | undefined {
  if ('insecure' in trust) return undefined;
  const where = `${peer.host}:${peer.port}`;
  if (leaf === undefined) {
    return new TlsTrustError(`${where} presented no certificate; nothing was sent to it`, {
      code: 'untrusted',
    });
  }
  const seen = createHash('sha256').update(leaf.raw).digest('hex');
  if (pins === undefined ? socket.authorized : pins.has(seen)) return undefined;
  const shown = leaf.fingerprint256;
  const { words = FILE_WORDS } = trust;
  const line = words.pin(shown, 'sha256' in trust ? trust.sha256 : []);
  const remedy = `If this certificate is the right one, ${words.change(!('issuers' in trust))}:  ${line}`;
  if (pins !== undefined) {
    return new TlsTrustError(
      `${where} presented a certificate that is not pinned (SHA-256 ${shown}); nothing was sent to it. ${remedy}`,
      { code: 'pin-mismatch' },
    );
  }
  const reason = String(socket.authorizationError);
  const { why, remedy: better } = explainDistrust(reason, {
    leaf,
    asked: peer.servername || peer.host,
    hasIssuers,
    ca: words.ca,
  });
  return new TlsTrustError(
    `the certificate of ${where} is not trusted (${why}); nothing was sent to it. ${better}.  ${remedy}`,
    { code: 'untrusted' },
  );
}

function toPolicy(trust: TlsTrust, identity: TlsIdentity | undefined): Policy {
  const policy = { trust, pins: undefined, hasIssuers: false };
  const own = identity === undefined ? {} : toOwn(identity);
  if ('ca' in trust) return { ...policy, hasIssuers: true, secureContext: contextOfIssuers(trust.ca, own) };
  if ('issuers' in trust) {
    const secureContext =
      identity === undefined ? systemContext() : tls.createSecureContext({ ca: systemIssuers(), ...own });
    return { ...policy, secureContext };
  }
  const pins = 'sha256' in trust ? new Set(toPins(trust.sha256)) : undefined;
  return { ...policy, pins, secureContext: tls.createSecureContext(own) };
}

/** Tried by itself, because what OpenSSL says of a key may quote it, and is not passed on. */
function toOwn({ pem, passphrase }: TlsIdentity): tls.SecureContextOptions {
  const own = { cert: pem, key: pem, ...(passphrase === undefined ? {} : { passphrase }) };
  try {
    tls.createSecureContext(own);
    return own;
  } catch {
    throw new TlsTrustError(
      'the client certificate cannot be used: its text must hold a private key (-----BEGIN PRIVATE KEY-----), the ' +
        'certificate that belongs to it (-----BEGIN CERTIFICATE-----), and the passphrase of the key if it has one',
      { code: 'identity-malformed' },
    );
  }
}

function toPins(written: readonly string[]): string[] {
  if (written.length === 0) {
    throw new TlsTrustError('tls.sha256 is empty: give at least one SHA-256 fingerprint', {
      code: 'pin-malformed',
    });
  }
  return written.map((pin) => {
    const hex = pin.replaceAll(':', '').toLowerCase();
    if (/^[0-9a-f]{64}$/.test(hex)) return hex;
    throw new TlsTrustError(
      `tls.sha256: ${JSON.stringify(pin)} is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons`,
      { code: 'pin-malformed' },
    );
  });
}

function contextOfIssuers(pem: string, own: tls.SecureContextOptions): tls.SecureContext {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    if (certificates.length === 0) throw new Error('it contains no PEM certificate');
    for (const certificate of certificates) new X509Certificate(certificate);
    return tls.createSecureContext({ ca: certificates, ...own });
  } catch (error) {
    throw new TlsTrustError(
      `tls.ca cannot be read: ${messageOf(error)}. It must hold PEM certificates (-----BEGIN CERTIFICATE-----)`,
      { code: 'ca-malformed', cause: error },
    );
  }
}

let sharedSystemContext: tls.SecureContext | undefined;

/** Made once a process: reading the system's issuers takes some 50 ms. */
function systemContext(): tls.SecureContext {
  sharedSystemContext ??= tls.createSecureContext({ ca: systemIssuers() });
  return sharedSystemContext;
}

const systemIssuers = (): string[] => [
  ...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')]),
];

/** An agent has given each of them a value by then. */
function toPeerAddress({ host, port, servername }: https.RequestOptions): PeerAddress {
  return { host: String(host), port: Number(port), servername: String(servername) };
}

function silence({ host, port }: PeerAddress): Error {
  return Object.assign(new Error(`${host}:${port}: the TLS handshake timed out`), { code: 'ETIMEDOUT' });
}

/** As getaddrinfo calls a DNS that does not answer, which it may do only after minutes. */
function unresolved({ host }: PeerAddress): Error {
  return Object.assign(new Error(`the DNS did not answer for ${host}`), { code: 'EAI_AGAIN' });
}

function closed({ host, port }: PeerAddress): Error {
  return Object.assign(new Error(`${host}:${port} closed the connection during the TLS handshake`), {
    code: 'ECONNRESET',
  });
}
