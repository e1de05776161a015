import { printCount } from '../../print-count.ts';
import { green, red, type Verdict, yellow } from './verdict.ts';

/** How many hosts of a target have a key that is accepted, and what becomes of the others. */
export interface KeyCounts {
  readonly hosts: number;
  readonly accepted: number;
  /** `unset`: nobody chose, and the first key is trusted. */
  readonly unknown: 'refuse' | 'trust-first' | 'unset';
}

/** `command` reads the keys of hosts without a login, and accepts those that are not known. */
export function judgeKeys({ hosts, accepted, unknown }: KeyCounts, command: string): Verdict {
  if (hosts === 0) return yellow('no host of the target is asked by ssh');
  const known = `${accepted} of ${printCount(hosts, 'host')} ${accepted === 1 || hosts === 1 ? 'has' : 'have'} an accepted key`;
  if (accepted === hosts) return green(known);
  if (unknown === 'refuse') {
    const reason = `${known}; nobody logs in to the others. Compare the keys and accept them`;
    return accepted === 0 ? red(reason, command) : yellow(reason, command);
  }
  if (unknown === 'trust-first')
    return green(`${known}; of the others the first key is trusted (esxi.hostKeys.unknown)`);
  return yellow(
    `${known}; a run sends the password to the others whatever key they show, because esxi.hostKeys is not set. Write hostKeys: { unknown: refuse } under esxi first, then compare the keys and accept them`,
    command,
  );
}

/** Of hosts whose pinned key is revoked: they are not asked, whatever `unknown` says. `command` is of the first of them. */
export const judgeRevoked = (hosts: number, command: string): Verdict =>
  red(
    `the pinned key of ${printCount(hosts, 'host')} is revoked in esxi.hostKeys.file, and nobody logs in there. Make a new key on each, then compare and accept it`,
    command,
  );
