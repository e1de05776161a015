import type { CredentialState } from '../../state/stores/credential-states.ts';

export type CredentialPermission =
  /** Accepted before: every host may be asked. */
  | { readonly kind: 'open' }
  /** Not accepted yet, or suspended and due: one run tries it on one host, then on more and more (see waves). */
  | { readonly kind: 'trial' }
  /** Hosts refused it; or nobody waits for the operator, only for the run that tries it. */
  | { readonly kind: 'suspended'; readonly until: number; readonly triedByAnother?: true };

const MINUTE = 60_000;
/** By how much the clocks of those who run sweeps may differ; what is further ahead was written by a wrong one. */
const CLOCKS_MS = MINUTE;
/** After the first, the second and every further refused trial. */
const PAUSES = [30 * MINUTE, 120 * MINUTE, 24 * 60 * MINUTE] as const;
const pauseAfter = (tries: number): number => PAUSES[Math.min(tries, PAUSES.length) - 1] ?? PAUSES[2];

/** Whether a run tries the credential. One that began later than now was claimed by a clock that was ahead: it may be over. */
export const isUnderWay = ({ trial }: CredentialState, now: number): boolean =>
  trial !== undefined && now < trial.endsAt && (trial.since ?? now) <= now + CLOCKS_MS;

/**
 * From when on a suspended credential is tried again. A pause that ends later than one that begins now was begun by a
 * clock that was ahead: it is over, and one run tries the credential on one host.
 */
export const nextTryOf = (
  { tries, nextTryAt }: NonNullable<CredentialState['suspended']>,
  now: number,
): number => (nextTryAt > now + pauseAfter(tries) + CLOCKS_MS ? now : nextTryAt);

/** Whether hosts may be asked with a credential in the version that a run is fixed on. */
export function mayUseCredential(
  state: CredentialState | undefined,
  ask: { version: string; holder: string; now: number },
): CredentialPermission {
  const { suspended, trial, provenVersion } = state ?? {};
  const nextTryAt = suspended?.version === ask.version ? nextTryOf(suspended, ask.now) : undefined;
  if (nextTryAt !== undefined && ask.now < nextTryAt) return { kind: 'suspended', until: nextTryAt };
  if (nextTryAt === undefined && provenVersion === ask.version) return { kind: 'open' };
  const isTried = state !== undefined && isUnderWay(state, ask.now);
  return trial !== undefined && isTried && trial.holder !== ask.holder
    ? { kind: 'suspended', until: trial.endsAt, triedByAnother: true }
    : { kind: 'trial' };
}

/** The state after a host accepted the credential. */
export function afterAcceptance(
  state: CredentialState,
  { version, address }: { version: string; address: string },
): CredentialState {
  return { id: state.id, provenVersion: version, acceptedBy: address };
}

/** The state after a run that tried it and found one host that accepts it, where a second one has to: see ADR 0033. */
export function afterOneAcceptance(
  { trial: _ended, ...state }: CredentialState,
  { version, address }: { version: string; address: string },
): CredentialState {
  return { ...state, acceptedOnce: version, acceptedBy: address };
}

/**
 * The state after hosts refused the credential: left alone, longer each time. Who accepted it last was asked first and
 * refused, so the next trial begins elsewhere: one host that missed a rotation would refuse each of them.
 */
export function afterSuspension(
  state: CredentialState,
  { version, now }: { version: string; now: number },
): CredentialState {
  const { trial: _ended, acceptedBy: _refusedNow, acceptedOnce: _before, ...rest } = state;
  const tries = state.suspended?.version === version ? state.suspended.tries + 1 : 1;
  return { ...rest, suspended: { version, tries, nextTryAt: now + pauseAfter(tries) } };
}

/** The state after an operator lifted it: the next run tries it as if it were new. A trial under way goes on. */
export function afterLift({
  provenVersion: _proven,
  suspended: _suspended,
  acceptedOnce: _once,
  ...rest
}: CredentialState): CredentialState {
  return rest;
}

/** How the logins of a run with one credential ended so far. */
export interface LoginTally {
  readonly accepted: number;
  readonly refused: number;
  /** Of the refused: by hosts that had accepted this credential before, in whatever version. */
  readonly refusedByProven: number;
  /**
   * Logins whose end nobody knows, because the worker was lost: each may have been refused. They count for the
   * allowance and for the budget of the account, and never speak against the credential.
   */
  readonly possible: number;
  /** Hosts that were asked by a worker and did not come as far as a login. */
  readonly silent: number;
}

export const NO_LOGINS: LoginTally = {
  accepted: 0,
  refused: 0,
  refusedByProven: 0,
  possible: 0,
  silent: 0,
};

const MAX_REFUSED = 3;

/** Of hosts that accepted a credential before: how many have to refuse it before they tell more of it than of themselves. */
const TELLING = { new: 1, 'in-use': 2 } as const;

/**
 * Whether the refusals of a run speak against the credential and not against single hosts. As long as none accepted:
 * three of any, or those of hosts that accepted it before, one of a version that is `new`, two where the version is
 * `in-use`, which means that hosts accepted it in an earlier run. Else three of hosts that accepted it before, if they
 * are more than those that still do; not with the one account of a domain: what its directory accepted for one host is
 * right for all. Possible refusals say nothing of it: whatever ended the worker was no host's answer.
 */
export function shouldSuspend(
  { accepted, refused, refusedByProven }: LoginTally,
  { version, isDomain }: { version: keyof typeof TELLING; isDomain: boolean },
): boolean {
  if (accepted === 0) return refusedByProven >= TELLING[version] || refused >= MAX_REFUSED;
  if (isDomain) return false;
  return refusedByProven >= MAX_REFUSED && refusedByProven > accepted;
}
