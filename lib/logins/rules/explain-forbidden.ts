import { toShellWord } from '../../platform/quote.ts';
import type { AccountHistory, HostLimits } from '../../state/stores/account-history.ts';
import type { Forbidden } from './may-try-login.ts';

/** `since-refused`: a login to REST, of an account that has a failed login since SOAP last accepted it. */
export type Unlisted = 'tried-by-another' | 'since-refused';

/** By whose rules an account is judged: the counter of a host does not decay, that of a vCenter's single sign-on does. */
export interface Counting {
  readonly decays: boolean;
}

/** Why no login is made, until when, what an operator does to try sooner, and which refusals it rests on. */
export function explainForbidden(
  { user, address }: Pick<AccountHistory, 'user' | 'address'>,
  why: Forbidden | Unlisted,
  history?: AccountHistory,
  counting: Counting = { decays: false },
): string {
  const account = `Account ${user} on ${address}`;
  if (why === 'tried-by-another')
    return `${account} is in use by a login of another process; the next run tries again.`;
  if (why === 'since-refused') {
    const refusals = history === undefined ? '' : ` (${printRefusals(history, { opens: 'time' })})`;
    return `${account} has had a failed login since it was last accepted${refusals}; the REST API is tried again in the run that it is next accepted in.`;
  }
  const counted = history === undefined ? '' : ` (${printRefusals(history, why)})`;
  const { state, remedy } = judge(why, history);
  return `${account} ${state}${counted}${remedy === '' ? '.' : `${remedy} ${printLift({ user, address }, counting)}`}`;
}

/** What an operator does to have an account tried again; the command as a shell takes it. */
export function printLift(
  account: Pick<AccountHistory, 'user' | 'address'>,
  { decays }: Counting = { decays: false },
): string {
  const command = liftCommand(account);
  return decays
    ? `correct the credential, then run: ${command}`
    : `log in there once with the right password, then run: ${command} --counter-was-reset`;
}

/** Without the confirmation that hosts need. */
export const liftCommand = ({ user, address }: Pick<AccountHistory, 'user' | 'address'>): string =>
  `vsweep blacklist lift --user ${toShellWord(user)} --address ${toShellWord(address)}`;

function judge(
  { opens, until = 0, undecided }: Forbidden,
  history: AccountHistory | undefined,
): { readonly state: string; readonly remedy: string } {
  // Of presumed refusals alone no time is known: logins that were cut off, or whose end nobody saw.
  const was = history !== undefined && history.lastRefusalAt === undefined ? 'may have been' : 'was';
  if (undecided)
    return {
      state: `was neither accepted nor refused; no further login is tried before ${printTime(until)}`,
      remedy: '',
    };
  switch (opens) {
    case 'time':
      return {
        state: `${was} refused; no further login is tried until ${printTime(until)}`,
        remedy: '. To try sooner,',
      };
    case 'new-version':
      return { state: `${was} refused twice with this password or key`, remedy: '; correct it, or' };
    case 'lift':
      return { state: `${was} refused as often as vsweep allows`, remedy: ';' };
    default:
      return opens satisfies never;
  }
}

function printRefusals(history: AccountHistory, { opens }: Pick<Forbidden, 'opens'>): string {
  const { refusals, lastRefusalAt, openAttempt } = history;
  const seen = lastRefusalAt === undefined ? '' : `, last seen at ${printTime(lastRefusalAt)}`;
  const open =
    openAttempt === undefined
      ? ''
      : `, and a login of ${printTime(openAttempt.at)} whose result was never recorded`;
  const unread = opens === 'lift' ? 'unknown and assumed to be 3' : '';
  const limits = history.hostLimit === undefined ? unread : printLimits(history);
  const own = limits === '' ? '' : `; the lockout limit of the host is ${limits}`;
  return `counted: ${refusals} ${refusals === 1 ? 'refusal' : 'refusals'}${seen}${open}${own}`;
}

/** `5, unlocks after 900 s`; nothing where nothing was read. */
export function printLimits({ hostLimit, unlockSeconds }: HostLimits): string {
  const parts = [
    ...(hostLimit === undefined ? [] : [hostLimit === 0 ? '0, never locks' : String(hostLimit)]),
    ...(unlockSeconds === undefined || hostLimit === 0 ? [] : [printUnlock(unlockSeconds)]),
  ];
  return parts.join(', ');
}

const printUnlock = (seconds: number) =>
  seconds === 0 ? 'unlocks by hand only' : `unlocks after ${seconds} s`;

const printTime = (at: number) => new Date(at).toISOString();
