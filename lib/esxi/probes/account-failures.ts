import { answerOf, type CommandAnswer, type Probe, probeError } from '../session/probe.ts';

/**
 * The accounts that are read. No others are: somebody may have typed a password where the name belongs, and it would
 * become a label. A locked vpxuser disconnects the host from vCenter.
 */
export const ACCOUNTS = ['root', 'vpxuser'] as const;

export interface AccountFailures {
  readonly account: string;
  readonly failures: number;
}

/** Logins that failed since the last that did not, by pam_tally2 (ESXi 6 and 7) or faillock (8). */
export const accountFailures: Probe<readonly AccountFailures[]> = {
  name: 'account-failures',
  seconds: 6,
  keeps: { lines: 100 },
  anyEnd: true,
  commands: () =>
    ACCOUNTS.flatMap((account) => [
      { key: `tally-${account}`, argv: ['pam_tally2', '--user', account] as const },
      { key: `faillock-${account}`, argv: ['faillock', '--user', account] as const },
    ]),
  parse(answers) {
    const read = ACCOUNTS.flatMap((account): AccountFailures[] => {
      const byTally = tallied(answerOf(answers, `tally-${account}`), account);
      const failures = byTally ?? counted(answerOf(answers, `faillock-${account}`));
      return failures === undefined ? [] : [{ account, failures }];
    });
    if (read.length === 0)
      throw probeError('output', 'neither pam_tally2 nor faillock says how often logins failed');
    return read;
  },
};

/** A header and, where logins failed, a line: name, number, time, from where. */
function tallied(answer: CommandAnswer, account: string): number | undefined {
  if (answer.code !== 0 || !/^Login\s+Failures\b/m.test(answer.stdout)) return undefined;
  const line = answer.stdout.split('\n').find((one) => one.startsWith(`${account} `));
  const failures = /^\S+\s+(\d{1,5})\b/.exec(line ?? '')?.[1];
  return Number(failures ?? 0);
}

/** A line a failure below a header; those that no longer count end with I in place of V. */
function counted(answer: CommandAnswer): number | undefined {
  if (answer.code !== 0 || !/^When\s+Type\b/m.test(answer.stdout)) return undefined;
  return answer.stdout.split('\n').filter((line) => /^\d{4}-\d\d-\d\d .*\bV\s*$/.test(line)).length;
}
