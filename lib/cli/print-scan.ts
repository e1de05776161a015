import { printKnownHost } from '../config/known-hosts/known-hosts.ts';
import { fingerprint } from '../esxi/host-key.ts';
import { toPrintable } from '../platform/printable.ts';
import type { ScannedHost, WithoutList } from '../sweep/scan/scan-host-keys.ts';
import { formatTable } from './format-table.ts';

/** Of a target whose hosts are not all known: why, and what to do. */
export const printWithoutList = ({ target, error }: WithoutList): string =>
  error === undefined
    ? `${target}: no host list is stored; run a sweep on it first`
    : toPrintable(
        `${target}: its stored host list cannot be used, so at most the hosts in the configuration were scanned: ${error}. The next sweep writes a new list`,
      );

/** What a scan found, for people: a count, in which `known` more have a known key, and each host that has none. */
export function printScan(
  hosts: readonly ScannedHost[],
  { known: more, width }: { known: number; width: number },
): string {
  const others = hosts.filter(({ status }) => status !== 'known');
  const all = hosts.length + more;
  const known = `${all - others.length} of ${all} hosts presented a known key`;
  if (others.length === 0) return known;
  const rows = others.map((host) => [
    host.target,
    host.name,
    endpointOf(host),
    host.status,
    host.presented === undefined ? (host.error ?? '') : printKey(host.presented),
    host.status === 'changed' ? host.accepted.map(fingerprint).join(' ') : '',
  ]);
  const header = ['target', 'host', 'address', 'key', 'presented', 'accepted'];
  return `${formatTable(header, rows, { width, details: false })}\n${known}`;
}

/** As a document: each host, with fingerprints instead of keys. */
export const toScanJson = (hosts: readonly ScannedHost[]) =>
  hosts.map(({ presented, accepted, ...host }) => ({
    ...host,
    ...(presented === undefined
      ? {}
      : { type: presented.type, fingerprint: fingerprint(presented), key: presented.blob }),
    accepted: accepted.map(fingerprint),
  }));

/**
 * The lines of a known_hosts file that accept what the hosts showed; what is not known yet says so at its end. Names and
 * addresses come from vCenter: none begins a line of its own, and none becomes a pattern. Another key than the accepted
 * one stands in a comment, because the lines may be added to a file that is in use.
 */
export const printKnownHosts = (hosts: readonly ScannedHost[]): string =>
  hosts
    .flatMap((host) => toLine(host) ?? [])
    .map(toPrintable)
    .join('\n');

function toLine({ presented, status, name, from, ...host }: ScannedHost): string | undefined {
  if (presented === undefined || status === 'revoked') return undefined;
  if (!PLAIN_ADDRESS.test(host.address))
    return `# ${name} ${fingerprint(presented)}: known_hosts cannot hold its address; correct it in vCenter or in esxi.overrides`;
  const line = `${printKnownHost(host, presented)} ${name} ${fingerprint(presented)}`;
  return status === 'changed'
    ? `#${line} ${from === 'file' ? CHANGED_IN_FILE : CHANGED}`
    : line + UNLESS_KNOWN[status];
}

/** Without the signs that mean something in known_hosts: space, comma, `*`, `?`, `!`, `|`, `#`, `@`, brackets. */
const PLAIN_ADDRESS = /^(?=.*[\p{L}\p{N}])[\p{L}\p{N}._:%-]+$/u;

const CHANGED = "changed: compare this key with the host's own, then remove the leading #";
const CHANGED_IN_FILE = `${CHANGED}, and the line with the old key`;

const UNLESS_KNOWN: Readonly<Record<Exclude<ScannedHost['status'], 'revoked' | 'changed'>, string>> = {
  known: '',
  unknown: ' compare this key before you use the line',
  unread: '',
};

export const endpointOf = ({ address, port }: Pick<ScannedHost, 'address' | 'port'>): string =>
  `${address}:${port}`;

const printKey = (key: Parameters<typeof fingerprint>[0]) => `${key.type} ${fingerprint(key)}`;
