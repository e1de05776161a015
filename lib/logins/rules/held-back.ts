import type { EsxiConfig } from '../../config/schema.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import { explainForbidden, printLift } from './explain-forbidden.ts';
import { type LeftAlone, MAX_DETAIL_CHARACTERS } from './left-alone.ts';
import { type Care, careOf } from './lost-worker.ts';
import { type Forbidden, mayTryHost } from './may-try-login.ts';

/** By what the rules of lockout judge in a run. */
export interface LockoutRules {
  readonly esxi: Pick<EsxiConfig, 'credentials'>;
  readonly now: number;
  /** Fixed for the run. */
  readonly credentialVersion: string;
  readonly blacklistMinutes: number;
}

/**
 * Why the rules of lockout let no login on a host begin, by what stands of the host itself. The one account of a domain
 * is looked at in its turn besides: other targets of the run may be at it now; and a lost worker says nothing of it, as
 * all hosts have it in common.
 */
export function heldBack(history: AccountHistory | undefined, rules: LockoutRules): LeftAlone | undefined {
  if (history === undefined) return undefined;
  const { now, credentialVersion: version, blacklistMinutes } = rules;
  const permission = mayTryHost(history, { now, version, blacklistMinutes });
  if (!permission.allowed) return leaveAlone(permission, history);
  const care = careIn(rules, history);
  if (care.kind === 'under-way') return { skip: 'other-process', why: UNDER_WAY };
  return care.kind === 'suspect' ? { skip: 'worker', why: explainSuspect(care, history) } : undefined;
}

/** What a lost worker means for a host in this run. */
export const careIn = ({ esxi, ...rules }: LockoutRules, history: AccountHistory | undefined): Care =>
  esxi.credentials.scope === 'domain' ? { kind: 'none' } : careOf(history, rules);

/** By the rules of lockout, and what the operator reads of it. */
export function leaveAlone(permission: Forbidden, history: AccountHistory | undefined): LeftAlone {
  const { reason: skip } = permission;
  if (history === undefined) return { skip };
  return { skip, why: explainForbidden(history, permission, history).slice(0, MAX_DETAIL_CHARACTERS) };
}

/** Of a host whose address is asked as another host's: they share the account's budget there. */
export const notBeside = ({ address }: { readonly address: string }): LeftAlone => ({
  skip: 'allowance',
  why: `no login was tried: another host at ${address} is tried first, because nobody has logged in there yet; the next run tries again`,
});

const UNDER_WAY = 'no login was tried: another process is connected to this host; the next run tries again';

function explainSuspect(
  { lostBy, askedFrom }: Extract<Care, { kind: 'suspect' }>,
  { user, address }: AccountHistory,
): string {
  const ended = lostBy === 0 ? '' : ` before ${printTime(lostBy)}`;
  return (
    `no login was tried: a worker ended while it was connected to this host${ended}. From ${printTime(askedFrom)} on, a run asks ` +
    'this host alone, after its push; once it answers, it is asked as usual again. ' +
    `To try sooner, ${printLift({ user, address })}`
  ).slice(0, MAX_DETAIL_CHARACTERS);
}

const printTime = (at: number) => new Date(at).toISOString();
