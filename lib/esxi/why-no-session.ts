import { printable } from './errors.ts';

/** Why no ssh session came about, and what to do. */
export interface Explanation {
  readonly what: string;
  readonly remedy: string;
}

/**
 * What OpenSSH's sshd says in the place of its banner when it takes no connection: at its limit of connections without
 * a login (sshd.c, `drop_connection`), and since 9.8 to an address that is penalised (PerSourcePenalties).
 */
const TAKES_NONE_NOW: ReadonlyMap<string, string> = new Map([
  [
    'Exceeded MaxStartups',
    'look for clients that leave logins open there, or raise MaxStartups in its sshd_config',
  ],
  [
    'Not allowed at this time',
    "its sshd blocks this machine's address after failed logins (PerSourcePenalties): wait, and look in its log for " +
      'the failed logins',
  ],
]);

const ADDRESS_REMEDY = "check that this is the address and port of the host's ssh service";

/** Of a peer that sent no banner; `words` is one printable line, or empty. */
export function explainNoBanner(words: string, error: string): Explanation {
  for (const [start, remedy] of TAKES_NONE_NOW) {
    if (words.startsWith(start)) {
      return { what: `the host accepts no ssh connection at the moment. It sent "${words}"`, remedy };
    }
  }
  const said = words === '' ? ` (${error})` : `. It sent "${words}"`;
  return { what: `the server there does not speak ssh${said}`, remedy: ADDRESS_REMEDY };
}

/** What ssh2 finds no match for, with the option of sshd that holds the host's side, and its word in ssh2's log. */
const NEGOTIATED = [
  { error: 'key exchange algorithm', option: 'KexAlgorithms', log: 'KEX method', ours: 'kex' },
  { error: 'host key format', option: 'HostKeyAlgorithms', log: 'Host key format', ours: 'serverHostKey' },
  { error: 'C->S cipher', option: 'Ciphers', log: 'C->S cipher', ours: 'cipher' },
  { error: 'S->C cipher', option: 'Ciphers', log: 'S->C cipher', ours: 'cipher' },
  { error: 'C->S MAC', option: 'MACs', log: 'C->S MAC', ours: 'hmac' },
  { error: 'S->C MAC', option: 'MACs', log: 'S->C MAC', ours: 'hmac' },
  { error: 'C->S compression', option: 'Compression', log: 'C->S compression', ours: 'compress' },
  { error: 'S->C compression', option: 'Compression', log: 'S->C compression', ours: 'compress' },
] as const;

export type OfferedLists = { readonly [List in (typeof NEGOTIATED)[number]['ours']]: readonly string[] };

/** Remembers of ssh2's log what the host offered, list by list: nothing else tells. */
export interface HostOffer {
  log(line: string): void;
  /** Undefined unless the error says that host and client have no algorithm in common. */
  explain(error: string, ours: OfferedLists): Explanation | undefined;
}

/** Extensions that are announced in the list of key exchanges (RFC 8308, and OpenSSH's strict exchange). */
const NO_ALGORITHM = /^(?:ext-info-|kex-strict-)/;
const LOGGED = /^Handshake: \(remote\) (?<list>[^:]+): (?<names>.*)/s;

export function createHostOffer(): HostOffer {
  const offered = new Map<string, string>();
  return {
    log(line) {
      const { list, names } = LOGGED.exec(line)?.groups ?? {};
      if (list !== undefined && names !== undefined) offered.set(list, names);
    },
    explain(error, ours) {
      const list = NEGOTIATED.find((one) => error === `Handshake failed: no matching ${one.error}`);
      if (list === undefined) return undefined;
      const names = (offered.get(list.log) ?? '').split(',').filter((name) => !NO_ALGORITHM.test(name));
      const theirs = printable(names.join(', '));
      return {
        what: `the host and vsweep have no ${list.error} in common: the host offers ${theirs || 'nothing'}`,
        remedy: `allow one of ${ours[list.ours].join(', ')} in ${list.option} of its sshd_config`,
      };
    },
  };
}
