import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SweptFleet } from './swept-fleet.ts';

/** See sweeper-process.ts. */
export interface SweeperProcess extends AsyncDisposable {
  /** One run with the clock `aheadMs` ahead: the ssh outcomes by name, or `gone` when the process was killed under it. */
  sweep(aheadMs: number): Promise<Record<string, string> | 'gone'>;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, 'sweeper-process.ts');

/** Resolves when the process has opened the fleet's state. */
export async function startSweeperProcess(
  { configFile, env }: Pick<SweptFleet, 'configFile' | 'env'>,
  { aheadMs }: { aheadMs: number },
): Promise<SweeperProcess> {
  const child = spawn(process.execPath, [SCRIPT, configFile, String(aheadMs)], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.stdin.on('error', () => undefined);
  const waiting: ((line: string | undefined) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const ended = once(child, 'close').then(() => {
    for (const answer of waiting.splice(0)) answer(undefined);
  });
  const nextLine = () => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    if (child.exitCode !== null || child.signalCode !== null) resolve(undefined);
    else waiting.push(resolve);
    return promise;
  };
  const end = async (signal?: 'SIGKILL') => {
    if (signal === undefined) child.stdin.end();
    else child.kill(signal);
    await ended;
  };
  if ((await nextLine()) === undefined) throw new Error(`the sweeper ended: ${complaints}`);
  return {
    async sweep(ms) {
      const answer = nextLine();
      child.stdin.write(`${ms}\n`);
      const line = await answer;
      if (line !== undefined) return JSON.parse(line);
      if (child.signalCode === 'SIGKILL') return 'gone';
      throw new Error(`the sweeper ended in a sweep: ${complaints}`);
    },
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end(),
  };
}
