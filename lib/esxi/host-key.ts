import { createHash } from 'node:crypto';

/** A host's public key as it came in the handshake, where the host proved that it owns it. */
export interface HostKey {
  /** `ecdsa-sha2-nistp256`, `ssh-rsa`, `ssh-ed25519` …: the key's type, not the signature's. */
  readonly type: string;
  /** Base64 of the wire form (RFC 4253, 6.6), as in known_hosts. */
  readonly blob: string;
}

/** Undefined when the wire form does not begin with the name of a type. */
export function readHostKey(wire: Buffer): HostKey | undefined {
  if (wire.length < 4) return undefined;
  const end = 4 + wire.readUInt32BE(0);
  const type = wire.toString('latin1', 4, Math.min(end, 68));
  if (end >= wire.length || !/^[a-z0-9@.-]+$/.test(type)) return undefined;
  return { type, blob: wire.toString('base64') };
}

/** `SHA256:…`, as ssh-keygen and ESXi print it. */
export function fingerprint(key: HostKey): string {
  const digest = createHash('sha256').update(Buffer.from(key.blob, 'base64')).digest('base64');
  return `SHA256:${digest.replace('=', '')}`;
}
