import type { ListedHost } from '../../vsphere/inventory/inventory.ts';
import type { SkippedReason } from '../outcome.ts';

/**
 * A host whose hostd died is `notResponding`, and that is the host the alert is for: connectionState never skips,
 * and neither does a property that could not be read (design: "Who is asked by ssh").
 */
export function skipByListing(
  host: Pick<ListedHost, 'powerState' | 'lockdownMode' | 'inMaintenanceMode'>,
  rules: { lockdown: 'skip' | 'try'; maintenance: 'collect' | 'skip' },
): SkippedReason | undefined {
  if (host.powerState === 'poweredOff') return 'poweredoff';
  if (host.powerState === 'standBy') return 'standby';
  const lockedDown = host.lockdownMode === 'lockdownNormal' || host.lockdownMode === 'lockdownStrict';
  if (lockedDown && rules.lockdown === 'skip') return 'lockdown';
  if (host.inMaintenanceMode === true && rules.maintenance === 'skip') return 'maintenance';
  return undefined;
}
