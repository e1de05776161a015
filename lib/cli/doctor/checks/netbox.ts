import { toTrust } from '../../../config/loaded-config.ts';
import type { NetboxConfig } from '../../../config/schema.ts';
import { createNetbox } from '../../../netbox/netbox-client.ts';
import { readerForFaults } from '../../credential-faults.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { judgeDevices } from '../verdicts/devices.ts';

const LIST_MS = 90_000;

/** Asks for the devices of the filter, as a run does. */
export function netboxCheck(
  netbox: NetboxConfig,
  { loaded, env, clock, log }: Surroundings,
  after: readonly Check[],
): Check {
  const { url, token: source, filter } = netbox;
  const tls = toTrust(netbox.tls, loaded);
  return {
    name: 'netbox',
    subject: 'netbox',
    after,
    ms: LIST_MS,
    async run({ signal }) {
      const client = createNetbox({
        url,
        clock,
        log,
        random: Math.random,
        ...(tls === undefined ? {} : { tls }),
      });
      const token = source && (await readerForFaults(env).readToken(source, { signal }));
      const { devices, faulty, apiVersion } = await client.listDevices({ filter, token }, { signal });
      return judgeDevices({ devices: devices.length, faulty: faulty?.count ?? 0, apiVersion });
    },
  };
}
