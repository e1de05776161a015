import { toTrust } from '../../config/loaded-config.ts';
import { createActiveDevices } from '../../netbox/active-devices.ts';
import { createNetbox } from '../../netbox/netbox-client.ts';
import type { State } from '../../state/state.ts';
import type { Surroundings } from '../surroundings.ts';
import type { NetboxDeps } from './netbox-run.ts';

/** The NetBox of the section `netbox`; its token is read each time that NetBox is asked, so a rotated one is used. */
export function createConfiguredNetbox(
  deps: Pick<Surroundings, 'loaded' | 'credentials' | 'clock' | 'log' | 'random'> & {
    state: Pick<State, 'deviceLists'>;
  },
): NetboxDeps['startActiveDevices'] | undefined {
  const { loaded, credentials, state, ...rest } = deps;
  const { netbox } = loaded.config;
  if (netbox === undefined) return undefined;
  const { url, token } = netbox;
  const tls = toTrust(netbox.tls, loaded);
  return createActiveDevices(netbox, {
    netbox: createNetbox({ ...rest, url, ...(tls === undefined ? {} : { tls }) }),
    readToken: async (options) => token && credentials.readToken(token, options),
    cache: state.deviceLists,
    clock: deps.clock,
  });
}
