import { runCommandLine } from '../../../lib/cli/program.ts';
import { capture } from '../../support/cli/here.ts';
import type { Ended, Place } from './vsweep-process.ts';

/**
 * The command as an operator types it in `folder`, in this process: a process of its own takes a second of processor
 * time to start. What only a process has (signals, a terminal, that it ends by itself) needs one: vsweep-process.ts.
 * Two at the same time go one after the other, because a folder, an environment and an output are a process's own.
 */
export function vsweep(place: Place, ...args: string[]): Promise<Ended> {
  const ended = last.then(() => runHere(place, args));
  last = ended.catch(() => undefined);
  return ended;
}

let last: Promise<unknown> = Promise.resolve();

async function runHere(place: Place, args: readonly string[]): Promise<Ended> {
  const { folder, env } = typeof place === 'string' ? { folder: place, env: {} } : place;
  using output = capture(process.stdout);
  using errors = capture(process.stderr);
  using _ = moveTo(folder, env);
  const exitCode = await runCommandLine(args);
  return { output: output.text(), errors: errors.text(), exitCode };
}

function moveTo(folder: string, env: Readonly<Record<string, string>>): Disposable {
  const before = { folder: process.cwd(), env: { ...process.env } };
  process.chdir(folder);
  Object.assign(process.env, env);
  return {
    [Symbol.dispose]() {
      process.chdir(before.folder);
      for (const name of Object.keys(env)) delete process.env[name];
      Object.assign(process.env, before.env);
    },
  };
}
