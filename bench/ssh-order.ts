import { services } from '../lib/esxi/probes/services.ts';
import { prepareProbes } from '../lib/esxi/session/prepare-probes.ts';
import { SERVICES, type SshFleet } from './simulated-fleet.ts';

/** What every ssh client is told: run the command on each address once. */
export interface SshOrder {
  readonly fleet: SshFleet;
  readonly command: string;
}

/** What a sweep asks with the probe of services alone. */
export const askServices = () =>
  prepareProbes([services], { services: [...SERVICES] }, { sessionMs: 15_000 });

const NONCE = 'b3nchb3nchb3nch';

export const toSshOrder = (fleet: SshFleet): SshOrder => ({
  fleet,
  command: askServices().script(NONCE),
});
