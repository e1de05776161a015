import type { EsxiConfig } from '../../config/schema.ts';
import type { ListedHost } from '../../inventory/host.ts';
import type { SkippedReason } from '../outcome.ts';
import { normalDial } from './address.ts';
import { isSkippedByNetbox, type NetboxPlan } from './netbox-plan.ts';

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

/**
 * Why hosts are left alone by what is known of them before anything is known of accounts: nobody claims a trial for
 * the sake of hosts that are not asked. `undefined` for a host that may be asked.
 *
 * A host is `ssh-disabled` when the list of this run has it or another host of its address connected, with TSM-SSH
 * stopped. A list that was kept does not say (`storedHostList`), and of a host that is not connected vCenter has an
 * old copy.
 */
export function skipBeforeLogins(
  hosts: readonly ListedHost[],
  { esxi, netbox }: { esxi: EsxiConfig; netbox: NetboxPlan | undefined },
): (host: ListedHost) => SkippedReason | undefined {
  const dialled = (host: ListedHost) => normalDial(host, esxi).address;
  const stopped = new Set(
    hosts
      .filter(({ connectionState, sshRunning }) => connectionState === 'connected' && sshRunning === false)
      .map(dialled),
  );
  return (host) =>
    skipByListing(host, esxi) ??
    (stopped.has(dialled(host)) ? 'ssh-disabled' : undefined) ??
    (netbox !== undefined && isSkippedByNetbox(netbox, host.moref) ? 'netbox' : undefined);
}
