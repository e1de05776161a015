import { buildServiceProbe } from '../lib/esxi/service-probe.ts';
import { SERVICES, type SshFleet } from './simulated-fleet.ts';

/** What every ssh client is told: run the command on each address once. */
export interface SshOrder {
  readonly fleet: SshFleet;
  readonly command: string;
}

const NONCE = 'b3nchb3nchb3nch';

export const toSshOrder = (fleet: SshFleet): SshOrder => ({
  fleet,
  command: buildServiceProbe(SERVICES, NONCE),
});
