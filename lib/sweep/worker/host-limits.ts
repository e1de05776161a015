import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import type { BatchHost } from '../batch.ts';

/** All advanced settings of a host: hundreds, so it is read of few hosts only. */
export const OPTIONS_PATH = 'config.option';

const MAX_HOSTS = 50;

/** The hosts of a batch whose limit matters now: those that hold refusals. */
export function hostsOfLimits(hosts: readonly BatchHost[]): readonly BatchHost[] {
  return hosts
    .filter(({ account }) => account.refusals > 0 || account.openAttempt !== undefined)
    .slice(0, MAX_HOSTS);
}

/** `Security.AccountLockFailures` among the advanced settings of a host; undefined when it is not there. */
export function parseLockFailures(options: PropertyValue | undefined): number | undefined {
  if (!Array.isArray(options)) return undefined;
  const found = options.find((option) => option?.key === 'Security.AccountLockFailures');
  const text = String(found?.value ?? '');
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
