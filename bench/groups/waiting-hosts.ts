import { bareSsh2, openSsh, paramiko, vsweepSsh, WARM_TIMES, wholeSweep } from '../clients.ts';
import { cpuRow, runContest, timeRow } from '../contest.ts';
import { startSimulatedFleet } from '../processes.ts';
import type { Row } from '../row.ts';
import { toSshOrder } from '../ssh-order.ts';

const HOSTS = 200;
/** What real init scripts take together (esxi-exporter's production). */
const COMMAND_DELAY_MS = 1_300;
const ESXI_EXPORTER_THREADS = 10;
/** Where a process sweeps again and again, which `vsweep run` and warm functions do. */
const MOST_WARM = 1.15;

/** 200 simulated hosts that wait 1.3 s before they answer: time, and the CPU of the client. */
export async function measureWaitingHosts(): Promise<Row[]> {
  await using simulated = await startSimulatedFleet({
    hosts: HOSTS,
    network: 61,
    commandDelayMs: COMMAND_DELAY_MS,
    withSsh: true,
  });
  const order = toSshOrder(simulated.fleet.ssh);
  await using sweep = await wholeSweep(simulated.fleet);
  const [ssh, bare] = [vsweepSsh(order), bareSsh2(order)];
  // Compiled, as the sweep is by now.
  await runContest({ ssh, bare }, { rounds: 1 });
  const quick = await runContest(
    {
      sweep,
      ssh,
      bare,
      warm: sweep.warm,
      bareWarm: bareSsh2({ ...order, times: WARM_TIMES }),
      openssh: openSsh(order),
      paramiko: paramiko(order, HOSTS),
    },
    { rounds: 3 },
  );
  // Half a minute a run, of which most is waiting: one is enough.
  const slow = await runContest({ exporter: paramiko(order, ESXI_EXPORTER_THREADS) }, { rounds: 1 });
  return [
    timeRow('200 hosts, whole sweep', quick.sweep, quick.bare, { atMost: 3, of: 'unit' }),
    timeRow('200 hosts, whole sweep, warm', quick.warm, quick.bareWarm, { atMost: MOST_WARM, of: 'peer' }),
    timeRow('200 hosts, whole sweep', quick.sweep, slow.exporter),
    timeRow('200 hosts, ssh alone', quick.ssh, quick.bare),
    timeRow('200 hosts, ssh alone', quick.ssh, quick.paramiko),
    timeRow('200 hosts, ssh alone', quick.ssh, quick.openssh),
    cpuRow('CPU a host, ssh alone', quick.ssh, quick.bare, HOSTS),
    cpuRow('CPU a host, ssh alone', quick.ssh, quick.paramiko, HOSTS),
    cpuRow('CPU a host, ssh alone', quick.ssh, quick.openssh, HOSTS),
    cpuRow('CPU a host, whole sweep', quick.sweep, quick.bare, HOSTS),
  ];
}
