import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const main = resolve(import.meta.dirname, '../../../lib/cli/main.ts');

export interface VsweepResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as an operator types it, in a process of its own. Rejects only when it does not end by itself. */
export function runVsweep(
  args: readonly string[],
  {
    env = {},
    timeoutMs = 60_000,
    cwd,
  }: { env?: Readonly<Record<string, string>>; timeoutMs?: number; cwd?: string } = {},
): Promise<VsweepResult> {
  const { promise, resolve: done, reject } = Promise.withResolvers<VsweepResult>();
  const options = {
    env: { PATH: process.env['PATH'], ...env },
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
  };
  execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
    const exitCode = error === null ? 0 : error.code;
    if (typeof exitCode === 'number') done({ exitCode, stdout, stderr });
    else reject(new Error(`vsweep ${args.join(' ')}: ${String(error)}\n${stderr}`, { cause: error }));
  });
  return promise;
}
