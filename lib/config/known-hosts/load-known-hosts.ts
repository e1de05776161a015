import type { ConfigIssue } from '../errors.ts';
import { toFields } from '../well-formed.ts';
import { createKnownHosts, type KnownHosts, NO_KNOWN_HOSTS } from './find-keys.ts';
import { type KnownHostsFault, parseKnownHosts } from './parse-known-hosts.ts';

const PATH = 'esxi.hostKeys.file';

/** The known_hosts file that a configuration names; its other fields need not be sound. */
export function knownHostsFile(raw: { readonly esxi?: unknown }): string | undefined {
  const { file } = toFields(toFields(raw.esxi)['hostKeys']);
  return typeof file === 'string' && file !== '' ? file : undefined;
}

/** What the text of the file says, and every fault of it as one of the configuration. No text: no file is named. */
export function loadKnownHosts(text: string | undefined): {
  readonly knownHosts: KnownHosts;
  readonly unusable: readonly ConfigIssue[];
} {
  if (text === undefined) return { knownHosts: NO_KNOWN_HOSTS, unusable: [] };
  const { lines, faults } = parseKnownHosts(text);
  return { knownHosts: createKnownHosts(lines), unusable: faults.map(toIssue) };
}

export const unreadableKnownHosts = (reason: string): ConfigIssue => ({
  path: PATH,
  message: `cannot be read: ${reason}`,
});

const toIssue = ({ line, message }: KnownHostsFault): ConfigIssue => ({
  path: PATH,
  message: line === 0 ? message : `line ${line} ${message}`,
});
