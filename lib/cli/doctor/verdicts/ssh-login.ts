import { type Outcome, printOutcome } from '../../../sweep/outcome.ts';
import { green, red, type Verdict, yellow } from './verdict.ts';

export type Commands = (outcome: Outcome) => string | undefined;

/** What a host answered that a run asked by ssh; `details` say why, and what to do. */
export function judgeSshLogin(
  {
    host,
    outcome,
    details,
    absent = [],
  }: {
    readonly host: string;
    readonly outcome: Outcome;
    readonly details: readonly string[];
    /** What the run said of services without a script on the host. */
    readonly absent?: readonly string[];
  },
  commandFor: Commands,
): Verdict {
  const said = details.length === 0 ? '' : `: ${details.join('; ')}`;
  switch (outcome.kind) {
    case 'ok':
      return absent.length === 0
        ? green(`logged in to ${host}, and its shell answered the commands`)
        : yellow(`logged in to ${host}, but ${absent.join('; ')}`);
    case 'failed':
      return red(`${host}: ${printOutcome(outcome)}${said}`, commandFor(outcome));
    case 'skipped':
      return yellow(`${host} was not asked: ${printOutcome(outcome)}${said}`, commandFor(outcome));
    default:
      return outcome satisfies never;
  }
}
