import { randomUUID } from 'node:crypto';
import { runCommand } from '../../lib/esxi/run-command.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { withHeartbeat } from '../../lib/platform/heartbeat.ts';
import { measure } from '../measured.ts';
import { askServices, type SshOrder } from '../ssh-order.ts';

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

const asked = askServices();

const runOn = async (host: string): Promise<void> => {
  const nonce = randomUUID().replaceAll('-', '');
  const { stdout } = await runCommand(
    {
      target: { host, port: fleet.port },
      credential,
      command: asked.script(nonce),
      timeouts: { connectMs: 3_000, loginMs: 60_000, commandMs: 15_000 },
      maxOutputBytes: asked.maxOutputBytes,
    },
    { clock, verifyHostKey: async () => true },
    { signal },
  );
  if (!asked.read(stdout, nonce).readings.has('services')) throw new Error(`${host} did not answer`);
};

console.log(JSON.stringify(await measure(() => Promise.all(fleet.addresses.map(runOn)))));
