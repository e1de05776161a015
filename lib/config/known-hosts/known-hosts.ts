import { isIPv6 } from 'node:net';

/** A key in a known_hosts file. */
export interface KnownKey {
  /** `ecdsa-sha2-nistp256` … */
  readonly type: string;
  /** Base64 of the wire form (RFC 4253, 6.6). */
  readonly blob: string;
}

/** What stands of one line: which hosts it is about, and whether its key is accepted there or never. */
export interface KnownLine {
  /** From 1. */
  readonly number: number;
  readonly revoked: boolean;
  readonly key: KnownKey;
  readonly hosts: HashedName | PatternList;
}

/** One name that only who knows it recognises: HMAC-SHA1 of the name with the salt as its key. */
export interface HashedName {
  readonly kind: 'hashed';
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Names in lower case, with the wildcards `*` and `?`; one that matches and is negated takes the whole line out. */
export interface PatternList {
  readonly kind: 'patterns';
  readonly patterns: readonly { readonly negated: boolean; readonly pattern: string }[];
}

/** The name under which a host stands in a known_hosts file: the port only when it is not 22. */
export const knownHostsName = ({ address, port }: { address: string; port: number }): string =>
  port === 22 ? plainName(address) : `[${plainName(address)}]:${port}`;

/**
 * One spelling of a name or address, without its port, for those that mean the same host: lower case, no dot at the
 * end, an IPv6 address as RFC 5952 has it (`2001:DB8:0::1` is `2001:db8::1`).
 */
export function plainName(name: string): string {
  const [, address = '', zone = ''] = /^(.*?)(%.*)?$/s.exec(name.toLowerCase().replace(/\.$/, '')) ?? [];
  return (isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address) + zone;
}

/** The line that accepts a key, as `ssh-keyscan` prints it. */
export const printKnownHost = (host: { address: string; port: number }, { type, blob }: KnownKey): string =>
  `${knownHostsName(host)} ${type} ${blob}`;
