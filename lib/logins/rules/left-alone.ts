/** What the operator reads of a host is cut to this. */
export const MAX_DETAIL_CHARACTERS = 600;

/**
 * A host that the rules of logins leave alone. `deadline`: its turn did not come in time; `other-process`:
 * another one logs in with the account there; `worker`: a worker ended while it dialled the host. `why` is for the
 * operator, where the reason does not say it all.
 */
export interface LeftAlone {
  readonly skip: 'allowance' | 'blacklist' | 'deadline' | 'other-process' | 'state' | 'suspended' | 'worker';
  readonly why?: string;
}

/** Of a doubtful host, while the one account of a domain may have been refused since it was accepted. */
export const UNSETTLED: LeftAlone = {
  skip: 'allowance',
  why:
    'no login was tried: another host refused the account that all hosts share, or cut its login off. Hosts that never accepted it, or ' +
    'refused it last, wait until two others accept it; the next run continues',
};

/** Of a host that accepted the one account of a domain before, when others refuse it that did so too. */
export const CHANGED: LeftAlone = {
  skip: 'allowance',
  why:
    'no login was tried: three hosts in a row refused the account that all hosts share, after others had accepted it in this run. ' +
    'If its password was changed, change the secret as well; the next run tries again',
};
