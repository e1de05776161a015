import type { ServerChannel } from 'ssh2';
import { type PrintedAnswer, printAnswer, printCli } from '../../esxi/session/answers.ts';
import { readScript, type ScriptedCommand } from '../../esxi/session/script.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DemoSshBehaviour } from './behaviour.ts';
import { answerOfEsxcli, cliOf, type DemoEsxcli } from './esxcli.ts';
import { answerOfInitScript, type DemoServiceState } from './init-scripts.ts';

const FLOOD_BYTES = 10 * 1024 * 1024;

export interface DemoShell {
  readonly behaviour: DemoSshBehaviour;
  readonly clock: Clock;
  readonly delayMs: number;
  /** How long a session waits for a command that hangs. */
  readonly hungMs: number;
  service(name: string): DemoServiceState;
  /** What another command than an init script prints; undefined where the host has no such program. */
  command(line: string): DemoCommandAnswer | undefined;
  /** Undefined where the host has no esxcli. */
  readonly esxcli: DemoEsxcli | undefined;
  drop(): void;
}

/**
 * Answers a command. The script of a session is not run but recognised, and answered in the format that stands next to
 * its reader: with a shell, 60 hosts of 7 services cost 3.3 s of CPU a sweep, this way some milliseconds. That the script
 * itself prints this format is what the tests with dash and busybox are for. Any other script is not found.
 */
export async function handleCommand(
  command: string,
  channel: ServerChannel,
  shell: DemoShell,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  if (shell.behaviour === 'hangs-after-exec') return;
  const script = readScript(command);
  const answers = (script?.commands ?? []).map((asked) => [asked, answerOf(asked, shell)] as const);
  const asksEsxcli = answers.some(([{ shape }]) => shape !== undefined);
  const cli =
    shell.esxcli === undefined ? ({ program: 'none', format: 'none' } as const) : cliOf(shell.esxcli);
  const hung = answers.some(([, { code }]) => code === 'timeout');
  await shell.clock.sleep(hung ? Math.max(shell.hungMs, shell.delayMs) : shell.delayMs, { signal });
  if (shell.behaviour === 'drops-after-exec') return shell.drop();
  if (shell.behaviour === 'flood') return finish(channel, Buffer.alloc(FLOOD_BYTES, 'hostd is running\n'), 0);
  if (shell.behaviour === 'garbage') return finish(channel, garbage(), 0);
  if (script === undefined) return finish(channel, Buffer.from(''), 127);
  const { nonce } = script;
  const records = answers.map(([asked, answer]) => printAnswer(nonce, asked, answer));
  if (asksEsxcli) records[0] = `${printCli(nonce, cli)}${records[0]}`;
  if (shell.behaviour === 'killed-midway') {
    channel.write(records[0] ?? '', () => channel.close());
    return;
  }
  finish(channel, Buffer.from(records.join(''), 'latin1'), 0);
}

/** How a command of a simulated host ends; code `timeout`: it hangs, and is killed at its time. */
export interface DemoCommandAnswer {
  readonly code: number | 'timeout';
  readonly stdout?: string;
  readonly stderr?: string;
}

function answerOf(asked: ScriptedCommand, shell: DemoShell): PrintedAnswer {
  const { argv, shape } = asked;
  if (shape !== undefined)
    return shell.esxcli === undefined ? { code: 127 } : answerOfEsxcli(asked, shell.esxcli);
  const service = /^\/etc\/init\.d\/([^/]+)$/.exec(argv[0])?.[1];
  if (service !== undefined) return answerOfInitScript(service, shell.service(service));
  return shell.command(argv.join(' ')) ?? { code: 127 };
}

/** Every byte, with ends of lines and lines that look like a session's. */
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
