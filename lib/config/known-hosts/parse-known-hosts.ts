import {
  type HashedName,
  type KnownKey,
  type KnownLine,
  type PatternList,
  plainName,
} from './known-hosts.ts';

/** What is wrong with a line of the file; 0 for the file as a whole. */
export interface KnownHostsFault {
  readonly line: number;
  readonly message: string;
}

export const MAX_KNOWN_HOSTS_BYTES = 16_000_000;
export const MAX_KNOWN_HOSTS_LINES = 200_000;

/**
 * Each of these costs time for every host: a hashed name is not found by looking it up, and neither is a wildcard.
 */
export const MAX_SEARCHED_LINES = 1_000;

/** Longer than the base64 of any key that a host may show (`readHostKey`: at most 4,096 bytes). */
const MAX_BLOB_CHARACTERS = 16_384;
const MAX_PATTERNS = 1_024;
const MAX_FAULTS = 20;

/** What sshd(8) calls a salt and a hash are both of SHA-1's size. */
const SHA1_BYTES = 20;

/**
 * Reads OpenSSH's known_hosts as sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT", has it: patterns with `*`, `?` and `!`,
 * `[host]:port`, hashed names, `@revoked`, comments. Stricter than OpenSSH, which passes over what it does not
 * understand: a line that is not understood is a fault, because nobody would see that it has no effect. So is
 * `@cert-authority`, because host certificates are not supported. Pure; reports 20 faults at most.
 */
export function parseKnownHosts(text: string): {
  readonly lines: readonly KnownLine[];
  readonly faults: readonly KnownHostsFault[];
} {
  if (Buffer.byteLength(text) > MAX_KNOWN_HOSTS_BYTES) return tooLarge(`${MAX_KNOWN_HOSTS_BYTES} bytes`);
  const written = text.replace(/^\uFEFF/, '').split('\n');
  if (written.length > MAX_KNOWN_HOSTS_LINES) return tooLarge(`${MAX_KNOWN_HOSTS_LINES} lines`);
  const lines: KnownLine[] = [];
  const faults: KnownHostsFault[] = [];
  let searched = 0;
  for (const [index, one] of written.entries()) {
    const number = index + 1;
    const parsed = parseLine(one);
    if (parsed === undefined) continue;
    if (typeof parsed === 'string') {
      faults.push({ line: number, message: parsed });
    } else {
      lines.push({ number, ...parsed });
      if (isSearched(parsed)) searched += 1;
      if (searched === MAX_SEARCHED_LINES + 1) faults.push({ line: number, message: TOO_MANY_SEARCHED });
    }
    if (faults.length === MAX_FAULTS) break;
  }
  return { lines, faults };
}

/** Whether the line has to be looked at for every host. */
export const isSearched = ({ hosts }: Pick<KnownLine, 'hosts'>): boolean =>
  hosts.kind === 'hashed' || hosts.patterns.some(({ negated, pattern }) => negated || /[*?]/.test(pattern));

const TOO_MANY_SEARCHED =
  `has more than ${MAX_SEARCHED_LINES} lines with hashed names or wildcards, and each of them is compared with every ` +
  'host; write plain names, as "vsweep hostkey scan --known-hosts" prints them';

const tooLarge = (bound: string) => ({
  lines: [],
  faults: [{ line: 0, message: `has more than ${bound}; name only the hosts that vsweep asks` }],
});

/** Undefined for a comment or an empty line, a text for what is wrong. */
function parseLine(line: string): Omit<KnownLine, 'number'> | string | undefined {
  const fields = line.trim().split(/[ \t]+/);
  if (fields[0] === '' || fields[0]?.startsWith('#')) return undefined;
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  if (marker === '@cert-authority') {
    return '@cert-authority is not supported, because host certificates are not; write the key of each host';
  }
  if (marker !== undefined && marker !== '@revoked') {
    return 'begins with an unknown marker; only @revoked is read';
  }
  const [names = '', type = '', blob = ''] = fields;
  const hosts = names.startsWith('|') ? parseHashed(names) : parsePatterns(names);
  if (typeof hosts === 'string') return hosts;
  const key = parseKey(type, blob);
  return typeof key === 'string' ? key : { revoked: marker !== undefined, hosts, key };
}

const NOT_HASHED = 'has a hashed name that is not "|1|<salt>|<hash>", each 20 bytes in base64';

function parseHashed(text: string): HashedName | string {
  const [, salt, hash] = /^\|1\|([^|]*)\|([^|]*)$/.exec(text) ?? [];
  const [saltBytes, hashBytes] = [fromBase64(salt), fromBase64(hash)];
  if (saltBytes?.length !== SHA1_BYTES || hashBytes?.length !== SHA1_BYTES) return NOT_HASHED;
  return { kind: 'hashed', salt: saltBytes, hash: hashBytes };
}

function parsePatterns(text: string): PatternList | string {
  const patterns = text
    .split(',')
    .map((one) => ({ negated: one.startsWith('!'), pattern: toName(one.replace(/^!/, '')) }))
    .filter(({ pattern }) => pattern !== '');
  if (patterns.every(({ negated }) => negated)) return 'names no host that it is about';
  if (patterns.length > MAX_PATTERNS) return `has more than ${MAX_PATTERNS} names; write several lines`;
  return { kind: 'patterns', patterns };
}

/**
 * OpenSSH never finds `[host]:22`, because port 22 goes without saying; who writes it, or brackets alone, means the host.
 * A wildcard stays as it is but for its dot at the end.
 */
function toName(pattern: string): string {
  const [, host = pattern, port = '22'] = /^\[(.+)\](?::(\d+))?$/.exec(pattern) ?? [];
  const name = plainName(host);
  return Number(port) === 22 ? name : `[${name}]:${port}`;
}

const NOT_KEY = 'is not "<hosts> <type> <key in base64>", as ssh-keyscan prints it';

function parseKey(type: string, blob: string): KnownKey | string {
  const wire = blob.length > MAX_BLOB_CHARACTERS ? undefined : fromBase64(blob);
  if (wire === undefined || wire.length < 5) return NOT_KEY;
  const end = 4 + wire.readUInt32BE(0);
  if (end >= wire.length || wire.toString('latin1', 4, end) !== type) {
    return `${NOT_KEY}: the key is not of the type that is written before it`;
  }
  return { type, blob };
}

/** Undefined for what is no base64 with its padding. */
function fromBase64(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
