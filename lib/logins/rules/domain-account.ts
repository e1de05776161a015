import type { AccountHistory } from '../../state/stores/account-history.ts';
import { type SeenAccount, standingOf } from './seen-account.ts';

/**
 * Why a host is asked with the one account of a domain after others, and one at a time: `stranger`, it never accepted it;
 * `refused`, it may have refused it since. What it says next is rather about the host than about the account.
 */
export type Doubt = 'stranger' | 'refused';

export function doubtOf(own: AccountHistory | undefined): Doubt | undefined {
  if (standingOf(own) > 0) return 'refused';
  return own?.provenVersion === undefined ? 'stranger' : undefined;
}

/**
 * Whether the account may be sent when a host's turn has come: while no more stands of it than was seen. Of hosts that
 * are asked behind each other the first refusal ends it.
 */
export const isAsSettled = (account: AccountHistory | undefined, seen: SeenAccount): boolean =>
  standingOf(account) <= standingOf(seen);

/**
 * Whether the next host may be asked for a second acceptance, while a refusal may stand of the account. One host that
 * accepted it may accept anything, so only others can say that the refusal was a host's own matter. One that refused
 * before is none of them.
 */
export const maySettle = (next: { readonly doubtful?: Doubt }, account: SeenAccount): boolean =>
  next.doubtful !== 'refused' || standingOf(account) === 0;
