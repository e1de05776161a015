import type { AccountHistory, HostLimits } from '../../state/stores/account-history.ts';
import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import type { SshPlan } from './plan-hosts.ts';

/** All advanced settings of a host: hundreds, so it is read of few hosts only. */
export const OPTIONS_PATH = 'config.option';

const MAX_HOSTS = 50;

/** A host whose own limit decides whether its account may be tried, because it holds refusals. */
export interface HostOfLimits {
  readonly moref: string;
  readonly address: string;
  readonly account: AccountHistory;
}

/**
 * The hosts of a target whose limits matter now: those that hold refusals, and first those that were never read. None of
 * the one account of a domain: the limits of hosts do not hold for it.
 */
export function hostsOfLimits(
  hosts: readonly { readonly moref: string; readonly address: string }[],
  { accounts, esxi }: Pick<SshPlan, 'accounts' | 'esxi'>,
): readonly HostOfLimits[] {
  if (esxi.credentials.scope === 'domain') return [];
  const isUnread = ({ account }: HostOfLimits) => account.hostLimit === undefined;
  return hosts
    .flatMap(({ moref, address }) => {
      const account = accounts.get(address);
      return account === undefined ? [] : [{ moref, address, account }];
    })
    .filter(({ account }) => account.refusals > 0 || account.openAttempt !== undefined)
    .toSorted((one, other) => Number(isUnread(other)) - Number(isUnread(one)))
    .slice(0, MAX_HOSTS);
}

/** Of the advanced settings of a host its rules for refused logins; what is not there, or no such number, is left out. */
export function parseHostLimits(options: PropertyValue | undefined): HostLimits {
  const hostLimit = numberOf(options, 'Security.AccountLockFailures');
  const unlockSeconds = numberOf(options, 'Security.AccountUnlockTime');
  return {
    ...(hostLimit === undefined ? {} : { hostLimit }),
    ...(unlockSeconds === undefined ? {} : { unlockSeconds }),
  };
}

/** Whether a host says something else than what is known of it. */
export const isNews = (read: HostLimits, known: HostLimits): boolean =>
  (read.hostLimit ?? known.hostLimit) !== known.hostLimit ||
  (read.unlockSeconds ?? known.unlockSeconds) !== known.unlockSeconds;

function numberOf(options: PropertyValue | undefined, key: string): number | undefined {
  if (!Array.isArray(options)) return undefined;
  const found = options.find((option) => option?.key === key);
  const text = String(found?.value ?? '');
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
