import type { AccountHistory } from '../../state/stores/account-history.ts';

/** What a login has to find unchanged of an account before it sends a credential. Times are epoch milliseconds. */
export interface SeenAccount {
  readonly refusals: number;
  readonly openAttempt?: { readonly version: string; readonly at: number };
}

export const UNKNOWN_ACCOUNT = { refusals: 0 } as const satisfies SeenAccount;

export function seenOf(history: AccountHistory | undefined): SeenAccount {
  if (history === undefined) return UNKNOWN_ACCOUNT;
  const { refusals, openAttempt } = history;
  return {
    refusals,
    ...(openAttempt === undefined
      ? {}
      : { openAttempt: { version: openAttempt.version, at: openAttempt.at } }),
  };
}

/** Whether the account was accepted with this very version and nothing happened since. */
export function isProven(history: AccountHistory | undefined, version: string): boolean {
  if (history === undefined) return false;
  const { refusals, provenVersion, openAttempt, lostFlights, dialling } = history;
  const isUnharmed = [openAttempt, lostFlights, dialling].every((trace) => trace === undefined);
  return isUnharmed && refusals === 0 && provenVersion === version;
}

/** How many refusals may stand of an account: those that are counted, and an attempt without an end. */
export const standingOf = (seen: Pick<SeenAccount, 'refusals' | 'openAttempt'> | undefined): number =>
  seen === undefined ? 0 : seen.refusals + (seen.openAttempt === undefined ? 0 : 1);

/** The version of each refusal since the last success, an attempt without an end included. */
export const spentBy = ({
  refusedVersions,
  openAttempt,
}: Pick<AccountHistory, 'refusedVersions' | 'openAttempt'>): readonly string[] => [
  ...refusedVersions,
  ...(openAttempt === undefined ? [] : [openAttempt.version]),
];
