import type { KnownSurvivor } from './score.ts';

/**
 * Mutants that survive, each with its reason. Copy `was` and `becomes` from the report of `npm run mutate`, which
 * also names entries that are out of date.
 */
export const KNOWN_SURVIVORS: readonly KnownSurvivor[] = [
  {
    file: 'lib/esxi/algorithms.ts',
    was: 'export function offeredAlgorithms(knownKeyTypes: readonly string[] = []) {',
    becomes: 'export function offeredAlgorithms(knownKeyTypes: readonly string[] = ["Stryker was here"]) {',
    kind: 'equivalent',
    why: 'no type of a key is called so',
  },
  {
    file: 'lib/esxi/connect-tcp.ts',
    was: 'noDelay: true,',
    becomes: 'noDelay: false,',
    kind: 'accepted',
    why: 'nobody but a clock sees it: the benchmarks measure how long a login takes',
  },
  {
    file: 'lib/esxi/log-in.ts',
    was: 'if (key === undefined) return false;',
    becomes: 'if (key === undefined) return true;',
    kind: 'equivalent',
    why: 'ssh2 asks for an authentication only after the verifier took a key that could be read',
  },
  {
    file: 'lib/esxi/log-in.ts',
    was: 'if (this.#isOver()) return false;',
    becomes: 'if (this.#isOver()) return true;',
    kind: 'equivalent',
    why: 'the socket is destroyed when the login is over: nothing goes out',
  },
  {
    file: 'lib/esxi/log-in.ts',
    was: 'if (this.#isOver()) return false;',
    becomes: 'if (false) return false;',
    kind: 'equivalent',
    why: 'the socket is destroyed when the login is over: nothing goes out',
  },
  {
    file: 'lib/esxi/log-in.ts',
    was: 'return false;',
    becomes: 'return true;',
    kind: 'equivalent',
    why: 'of a key that is not believed; the socket is destroyed by then: nothing goes out',
  },
  {
    file: 'lib/esxi/log-in.ts',
    was: '.catch((error: Error) => this.#lost(error));',
    becomes: '.catch(() => undefined);',
    kind: 'accepted',
    why: 'ssh2 throws there only when the connection has ended, which is told by an event too',
  },
  {
    file: 'lib/esxi/log-in.ts',
    was: 'this.#attempt.end();',
    becomes: ';',
    kind: 'equivalent',
    why: 'the socket is destroyed with it: nothing goes out',
  },
  {
    file: 'lib/esxi/host-key.ts',
    was: 'if (at + 4 > wire.length) return undefined;',
    becomes: 'if (at + 4 >= wire.length) return undefined;',
    kind: 'equivalent',
    why: 'a length alone at the end is an empty field, which no key has',
  },
  {
    file: 'lib/esxi/hosts-file.ts',
    was: "const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\\s+/);",
    becomes:
      'const [address = "Stryker was here!", ...names] = line.replace(/#.*/, \'\').trim().split(/\\s+/);',
    kind: 'equivalent',
    why: 'a text that is split has a first piece',
  },
  {
    file: 'lib/esxi/service-lines.ts',
    was: "const [, service = ''] = found;",
    becomes: 'const [, service = "Stryker was here!"] = found;',
    kind: 'equivalent',
    why: 'a line that is found has a name',
  },
  {
    file: 'lib/esxi/service-lines.ts',
    was: "const { stream, piece = '', code, tool } = found.groups ?? {};",
    becomes: 'const { stream, piece = "Stryker was here!", code, tool } = found.groups ?? {};',
    kind: 'equivalent',
    why: 'a line with a stream has a piece',
  },
  {
    file: 'lib/esxi/service-status.ts',
    was: "const withoutStopped = text.replace(SAYS_STOPPED, ' ');",
    becomes: 'const withoutStopped = text.replace(SAYS_STOPPED, "");',
    kind: 'equivalent',
    why: 'what is taken out has spaces on its sides, or stands at an end',
  },
  {
    file: 'lib/esxi/ssh-banner.ts',
    was: "const BANNER_LENGTH = '\\nSSH-2'.length;",
    becomes: 'const BANNER_LENGTH = "".length;',
    kind: 'equivalent',
    why: 'all that came is looked at again: it only takes longer',
  },
  {
    file: 'lib/esxi/ssh-banner.ts',
    was: 'tail = tail.slice(-BANNER_LENGTH);',
    becomes: 'tail = tail;',
    kind: 'equivalent',
    why: 'all that came is looked at again: it only takes longer',
  },
  {
    file: 'lib/lockout/guarded-login.ts',
    was: 'const key = JSON.stringify([user.toLowerCase(), address.toLowerCase()]);',
    becomes: 'const key = JSON.stringify([user.toUpperCase(), address.toLowerCase()]);',
    kind: 'equivalent',
    why: 'the key is compared with itself only: either case will do',
  },
  {
    file: 'lib/lockout/guarded-login.ts',
    was: 'const key = JSON.stringify([user.toLowerCase(), address.toLowerCase()]);',
    becomes: 'const key = JSON.stringify([user.toLowerCase(), address.toUpperCase()]);',
    kind: 'equivalent',
    why: 'the key is compared with itself only: either case will do',
  },
  {
    file: 'lib/metrics/encode-exposition.ts',
    was: 'return left.definition.name < right.definition.name ? -1 : 1;',
    becomes: 'return left.definition.name <= right.definition.name ? -1 : 1;',
    kind: 'equivalent',
    why: 'two families of one name are refused',
  },
  {
    file: 'lib/metrics/encode-exposition.ts',
    was: "const labels = labelNames.map((label, index) => [label, sample.labels[index] ?? '']);",
    becomes:
      'const labels = labelNames.map((label, index) => [label, sample.labels[index] ?? "Stryker was here!"]);',
    kind: 'equivalent',
    why: 'a sample with another number of values is refused',
  },
  {
    file: 'lib/sweep/accounts/credential-run.ts',
    was: "for (let looks = 0; permission.kind === 'trial' && looks < MAX_LOOKS; looks += 1) {",
    becomes: "for (let looks = 0; permission.kind === 'trial' && looks <= MAX_LOOKS; looks += 1) {",
    kind: 'equivalent',
    why: 'the last look always leaves a suspension, which ends the loop',
  },
  {
    file: 'lib/sweep/accounts/process-memory.ts',
    was: "const permission = mayUseCredential(credentials.get(id), { version, holder: '', now: deps.now() });",
    becomes:
      'const permission = mayUseCredential(credentials.get(id), { version, holder: "Stryker was here!", now: deps.now() });',
    kind: 'equivalent',
    why: 'only an open credential is used from memory, and the holder decides about trials alone',
  },
];
