import type { ServerChannel } from 'ssh2';
import { printServiceLine, readServiceProbe } from '../../esxi/service-probe.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DemoSshBehaviour } from './behaviour.ts';
import { answerOfInitScript, type DemoServiceState } from './init-scripts.ts';

const FLOOD_BYTES = 10 * 1024 * 1024;

export interface DemoShell {
  readonly behaviour: DemoSshBehaviour;
  readonly clock: Clock;
  readonly delayMs: number;
  /** How long the probe waits for a hung service. */
  readonly hungMs: number;
  service(name: string): DemoServiceState;
  drop(): void;
}

/**
 * Answers a command. The service probe is not run but recognised, and answered in the format that stands next to
 * it: with a shell, 60 hosts of 7 services cost 3.3 s of CPU a sweep, this way some milliseconds. That the script
 * itself prints this format is what the tests with dash and busybox are for. Any other command is not found.
 */
export async function handleCommand(
  command: string,
  channel: ServerChannel,
  shell: DemoShell,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  if (shell.behaviour === 'hangs-after-exec') return;
  const probe = readServiceProbe(command);
  const states = (probe?.services ?? []).map((service) => [service, shell.service(service)] as const);
  const hung = states.some(([, state]) => state === 'hung');
  await shell.clock.sleep(hung ? Math.max(shell.hungMs, shell.delayMs) : shell.delayMs, { signal });
  if (shell.behaviour === 'drops-after-exec') return shell.drop();
  if (shell.behaviour === 'flood') return finish(channel, Buffer.alloc(FLOOD_BYTES, 'hostd is running\n'), 0);
  if (shell.behaviour === 'garbage') return finish(channel, garbage(), 0);
  if (probe === undefined) return finish(channel, Buffer.from(''), 127);
  const lines = states.map(([service, state]) =>
    printServiceLine(probe.nonce, service, answerOfInitScript(service, state)),
  );
  if (shell.behaviour === 'killed-midway') {
    channel.write(lines[0] ?? '', () => channel.close());
    return;
  }
  finish(channel, Buffer.from(lines.join('')), 0);
}

/** Every byte, with ends of lines and lines that look like a probe's. */
function garbage(): Buffer {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  return Buffer.concat([bytes, Buffer.from('\n@@0123456789abcdef hostd 1 hostd is running\n'), bytes]);
}

function finish(channel: ServerChannel, stdout: Buffer, exitCode: number): void {
  channel.write(stdout, () => {
    channel.exit(exitCode);
    channel.end();
  });
}
