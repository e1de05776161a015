import { createHash } from 'node:crypto';

/** A host's public key as it came in the handshake, where the host proved that it owns it. */
export interface HostKey {
  /** `ecdsa-sha2-nistp256`, `ssh-rsa`, `ssh-ed25519` …: the key's type, not the signature's. */
  readonly type: string;
  /** Base64 of the wire form (RFC 4253, 6.6), as in known_hosts. */
  readonly blob: string;
}

/** The largest key that OpenSSH makes, RSA of 16,384 bits, has 2,087 bytes. */
const MAX_WIRE_BYTES = 4_096;

/**
 * The fields behind the name of the type, all strings by their length: `e` and `n` of RSA (RFC 4253, 6.6), the name of
 * the curve and a point (RFC 5656, 3.1), 32 bytes of Ed25519 (RFC 8709, 4).
 */
const FIELDS: ReadonlyMap<string, number> = new Map([
  ['ssh-rsa', 2],
  ['ecdsa-sha2-nistp256', 2],
  ['ecdsa-sha2-nistp384', 2],
  ['ecdsa-sha2-nistp521', 2],
  ['ssh-ed25519', 1],
]);

/**
 * Undefined for what is not exactly one key of a type that is offered. ssh2 ignores the name of the curve and whatever
 * stands behind the last field: one key would have any number of wire forms, of any length.
 */
export function readHostKey(wire: Buffer): HostKey | undefined {
  if (wire.length > MAX_WIRE_BYTES) return undefined;
  const fields = readStrings(wire);
  const type = fields?.[0]?.toString('latin1') ?? '';
  const rest = fields?.slice(1) ?? [];
  if (rest.length !== FIELDS.get(type) || rest.some((field) => field.length === 0)) return undefined;
  const [, curve] = /^ecdsa-sha2-(.*)$/.exec(type) ?? [];
  if (curve !== undefined && rest[0]?.toString('latin1') !== curve) return undefined;
  return { type, blob: wire.toString('base64') };
}

/** Undefined when the last string does not end where the bytes do. */
function readStrings(wire: Buffer): Buffer[] | undefined {
  const strings: Buffer[] = [];
  let at = 0;
  while (at < wire.length) {
    if (at + 4 > wire.length) return undefined;
    const end = at + 4 + wire.readUInt32BE(at);
    if (end > wire.length) return undefined;
    strings.push(wire.subarray(at + 4, end));
    at = end;
  }
  return strings;
}

/** `SHA256:…`, as ssh-keygen and ESXi print it. */
export function fingerprint(key: HostKey): string {
  const digest = createHash('sha256').update(Buffer.from(key.blob, 'base64')).digest('base64');
  return `SHA256:${digest.replace('=', '')}`;
}
