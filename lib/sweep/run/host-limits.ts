import type { HostLimits } from '../../state/stores/account-history.ts';
import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import type { BatchHost } from '../batch.ts';

/** All advanced settings of a host: hundreds, so it is read of few hosts only. */
export const OPTIONS_PATH = 'config.option';

const MAX_HOSTS = 50;

/** The hosts of a target whose limits matter now: those that hold refusals, and first those that were never read. */
export function hostsOfLimits(hosts: readonly BatchHost[]): readonly BatchHost[] {
  const isUnread = ({ account }: BatchHost) => account.hostLimit === undefined;
  return hosts
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
