import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));

export interface Ended {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: unknown;
}

/** The folder of a command, and what its environment has besides. */
export type Place = string | { readonly folder: string; readonly env: Readonly<Record<string, string>> };

/** The command in a process of its own, as an operator starts it in `folder`. */
export function start(place: Place, ...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const { folder: cwd, env } = typeof place === 'string' ? { folder: place, env: {} } : place;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([output, errors, [exitCode]]) => ({ output, errors, exitCode }),
  );
  return { child, ended };
}

export const vsweep = (...command: Parameters<typeof start>): Promise<Ended> => start(...command).ended;
