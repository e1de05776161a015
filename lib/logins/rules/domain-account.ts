import type { AccountHistory } from '../../state/stores/account-history.ts';
import { spentBy } from './seen-account.ts';

/**
 * A host that never accepted the one account of a domain, or may have refused it since. What it says next is rather
 * about the host than about the account, so it is asked after others, and its refusals are spent one at a time.
 */
export const isDoubtful = (own: AccountHistory | undefined): boolean =>
  own?.provenVersion === undefined || spentBy(own).length > 0;

/**
 * Whether the account may be sent to a doubtful host once another host accepted it in this run: only while the
 * directory can have counted nothing since it accepted last. Then such hosts together cost it one refusal between two
 * acceptances, however many they are, and what is left of its budget is for the first login of the next run.
 */
export const mayTryDoubtful = (account: AccountHistory | undefined): boolean =>
  account === undefined || spentBy(account).length === 0;
