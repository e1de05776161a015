import { createHmac, createSecretKey } from 'node:crypto';
import { type KnownKey, type KnownLine, knownHostsName, type PatternList, plainName } from './known-hosts.ts';
import { matchPattern } from './match-pattern.ts';
import { isSearched } from './parse-known-hosts.ts';

/** What a known_hosts file says of one endpoint. */
export interface FileKeys {
  /** Without those that are revoked. */
  readonly accepted: readonly KnownKey[];
  readonly revoked: readonly KnownKey[];
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The lines of a file, ready to be asked. */
export interface KnownHosts {
  readonly lines: number;
  /** Of them those that each new host is compared with. */
  readonly searched: number;
  /** Whether `find` answers at once: no line has to be searched, or the host was looked up before. */
  isFound(host: Endpoint): boolean;
  /** What the file says of a host; remembered, because a hashed name costs an HMAC a line. */
  find(host: Endpoint): FileKeys;
}

/** Indexes what `parseKnownHosts` read. */
export function createKnownHosts(lines: readonly KnownLine[]): KnownHosts {
  const named = new Map<string, KnownLine[]>();
  const searched: { readonly line: KnownLine; readonly isAbout: (name: string) => boolean }[] = [];
  for (const line of lines) {
    if (isSearched(line) || line.hosts.kind === 'hashed') {
      searched.push({ line, isAbout: matcherOf(line) });
      continue;
    }
    for (const { pattern } of line.hosts.patterns) {
      const there = named.get(pattern);
      if (there === undefined) named.set(pattern, [line]);
      else there.push(line);
    }
  }
  const found = new Map<string, FileKeys>();
  return {
    lines: lines.length,
    searched: searched.length,
    isFound: (host) => searched.length === 0 || found.has(knownHostsName(host)),
    find(host) {
      const name = knownHostsName(host);
      const known = found.get(name);
      if (known !== undefined) return known;
      // A revoked key is in false hands whichever port shows it; the bare name, which is another one then, accepts none.
      const bare = plainName(host.address);
      const about = searched.filter(({ line, isAbout }) => isAbout(name) || (line.revoked && isAbout(bare)));
      const revoked = (named.get(bare) ?? []).filter((line) => line.revoked);
      const all = new Set([...(named.get(name) ?? []), ...revoked, ...about.map(({ line }) => line)]);
      const keys = toFileKeys([...all]);
      found.set(name, keys);
      return keys;
    },
  };
}

/** No file: nothing is known. */
export const NO_KNOWN_HOSTS: KnownHosts = createKnownHosts([]);

function toFileKeys(lines: readonly KnownLine[]): FileKeys {
  const revoked = lines.filter((line) => line.revoked).map(({ key }) => key);
  const isRevoked = ({ blob }: KnownKey) => revoked.some((one) => one.blob === blob);
  return {
    accepted: lines.filter((line) => !line.revoked && !isRevoked(line.key)).map(({ key }) => key),
    revoked,
  };
}

/** A key object, made once, makes the HMAC five times as quick as its bytes do. */
function matcherOf({ hosts }: KnownLine): (name: string) => boolean {
  if (hosts.kind === 'patterns') return (name) => matchesList(hosts, name);
  const salt = createSecretKey(hosts.salt);
  return (name) => createHmac('sha1', salt).update(name).digest().equals(hosts.hash);
}

/** As sshd(8) says: a negated pattern that matches takes the line out, whatever else matches. */
function matchesList({ patterns }: PatternList, name: string): boolean {
  const matching = patterns.filter(({ pattern }) => matchPattern(name, pattern));
  return matching.length > 0 && matching.every(({ negated }) => !negated);
}
