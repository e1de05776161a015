import { missingFor } from '../../test/support/peers/peer-requirements.ts';
import { loopbackAddresses, startSshds } from '../../test/support/peers/sshds.ts';
import { bareSsh2, openSsh, vsweepSsh, wholeSweep } from '../clients.ts';
import { cpuRow, runContest, timeRow } from '../contest.ts';
import { startSimulatedFleet } from '../processes.ts';
import type { Row } from '../row.ts';
import { PASSWORD, SERVICES } from '../simulated-fleet.ts';
import { toSshOrder } from '../ssh-order.ts';

const HOSTS = 50;
const NETWORK = 62;

/** OpenSSH's sshd on addresses of its own, ESXi's algorithms, the probe run by a real busybox ash. */
export async function measureRealSshd(): Promise<Row[]> {
  const missing = missingFor('sshd');
  if (missing.length > 0)
    return [{ what: `${HOSTS} real sshds`, unit: 's', ours: [], missing: missing.join('; ') }];
  const addresses = loopbackAddresses(NETWORK, HOSTS);
  const services = Object.fromEntries(SERVICES.map((service) => [service, 'running' as const]));
  await using sshds = await startSshds({ addresses, password: PASSWORD, services });
  await using simulated = await startSimulatedFleet({
    hosts: HOSTS,
    network: NETWORK,
    commandDelayMs: 0,
    withSsh: false,
  });
  const fleet = { addresses, port: sshds.port, user: sshds.user, password: PASSWORD };
  const order = toSshOrder(fleet);
  await using sweep = await wholeSweep({ ...simulated.fleet, ssh: fleet });
  const [ssh, bare] = [vsweepSsh(order), bareSsh2(order)];
  // Compiled, as the sweep is by now.
  await runContest({ ssh, bare }, { rounds: 1 });
  const entries = await runContest({ ssh, bare, sweep }, { rounds: 3 });
  const once = await runContest({ openssh: openSsh(order) }, { rounds: 1 });
  const what = `${HOSTS} real sshds`;
  return [
    timeRow(`${what}, ssh alone`, entries.ssh, entries.bare, { atMost: 1.1, of: 'peer' }),
    timeRow(`${what}, ssh alone`, entries.ssh, once.openssh),
    timeRow(`${what}, whole sweep`, entries.sweep, entries.bare),
    cpuRow('CPU a host, ssh alone', entries.ssh, entries.bare, HOSTS),
  ];
}
