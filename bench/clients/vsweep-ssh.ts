import { randomUUID } from 'node:crypto';
import { runCommand } from '../../lib/esxi/run-command.ts';
import { buildServiceProbe, parseServiceProbe } from '../../lib/esxi/service-probe.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { withHeartbeat } from '../../lib/platform/heartbeat.ts';
import { measure } from '../measured.ts';
import { SERVICES } from '../simulated-fleet.ts';
import type { SshOrder } from '../ssh-order.ts';

/** lib/esxi alone, on all hosts at once: time-outs, host keys and parsing included; no state, no vCenter. */
const { fleet } = JSON.parse(process.argv[2] ?? '{}') as SshOrder;
const credential = {
  id: 'bench',
  version: '1',
  username: fleet.user,
  proof: { kind: 'password', password: fleet.password },
} as const;
const { signal } = new AbortController();
const clock = withHeartbeat(systemClock);

const runOn = async (host: string): Promise<void> => {
  const nonce = randomUUID().replaceAll('-', '');
  const { stdout } = await runCommand(
    {
      target: { host, port: fleet.port },
      credential,
      command: buildServiceProbe(SERVICES, nonce),
      timeouts: { connectMs: 3_000, loginMs: 60_000, commandMs: 15_000 },
      maxOutputBytes: 1_000_000,
    },
    { clock, verifyHostKey: async () => true },
    { signal },
  );
  parseServiceProbe(stdout, SERVICES, nonce);
};

console.log(JSON.stringify(await measure(() => Promise.all(fleet.addresses.map(runOn)))));
