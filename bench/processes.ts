import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Measured } from './measured.ts';
import type { Fleet, FleetOrder } from './simulated-fleet.ts';

const run = promisify(execFile);
/** pyVmomi takes more than two minutes for 81 MB on a busy machine. */
const RUN_MS = 600_000;
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Runs a client to its end, in a process of its own. Throws with the end of what it printed when it fails. */
export async function runClient<M extends Pick<Measured, 'ms' | 'cpuMs'> = Measured>(
  command: readonly [string, ...string[]],
  env = process.env,
): Promise<M> {
  const [program, ...args] = command;
  const { stdout } = await run(program, args, { timeout: RUN_MS, env, maxBuffer: MOST_OUTPUT }).catch(
    (error: unknown) => Promise.reject(toClientError(args[0] ?? program, error)),
  );
  const measured = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as M;
  if (!(measured.ms > 0 && measured.cpuMs > 0)) throw new Error(`${program} measured nothing: ${stdout}`);
  return measured;
}

const SHOWN_LINES = 8;
const MOST_SHOWN = 1_000;

/** Node's own error repeats the whole command, in which the order names every host. */
function toClientError(client: string, error: unknown): Error {
  const { code, signal, stderr } = error as { code?: unknown; signal?: unknown; stderr?: string };
  const printed = (stderr ?? '').trim().split('\n').slice(-SHOWN_LINES).join('\n').slice(-MOST_SHOWN);
  return new Error(`${basename(client)} ended with ${signal ?? code}: ${printed}`, { cause: code });
}

/** The command that runs a client of this folder with an order. */
export const nodeClient = (file: string, order: unknown): [string, ...string[]] => [
  process.execPath,
  join(import.meta.dirname, 'clients', file),
  JSON.stringify(order),
];

export interface RunningFleet extends AsyncDisposable {
  readonly pid: number;
  readonly fleet: Fleet;
}

/** Starts the simulated fleet in a process of its own. */
export async function startSimulatedFleet(order: FleetOrder): Promise<RunningFleet> {
  const { pid, made, ...running } = await startSimulation<Fleet>('simulated-fleet.ts', order);
  return { pid, fleet: made, ...running };
}

/** Starts a program of this folder that prints what it made, and ends when its standard input does. */
export async function startSimulation<Made>(
  file: string,
  order: unknown,
): Promise<AsyncDisposable & { readonly pid: number; readonly made: Made }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`))),
  ])) as [string];
  const { pid = 0 } = child;
  return { pid, made: JSON.parse(line) as Made, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}
