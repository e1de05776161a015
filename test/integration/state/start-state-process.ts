import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Another process on a state folder. */
export interface StateProcess extends AsyncDisposable {
  readonly pid: number;
  /** Rejects with the error's code, or with `gone` when the process ends before it has answered. */
  call(name: 'open' | 'refuse' | 'pin' | 'lease', ...args: string[]): Promise<unknown>;
  /** Lets it end in order; resolves with what it had to complain about. */
  close(): Promise<string>;
  kill(): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, 'state-process.ts');

/** Starts a process and resolves when it has opened the folder. `fileBlocks`: no file of its grows beyond these 512 bytes each. */
export async function startStateProcess(
  path: string,
  env: Readonly<Record<string, string>> = {},
  { fileBlocks }: { fileBlocks?: number } = {},
): Promise<StateProcess> {
  const node = [process.execPath, SCRIPT, path] as const;
  const [command, ...args] =
    fileBlocks === undefined
      ? node
      : (['sh', '-c', `trap '' XFSZ; ulimit -f ${fileBlocks}; exec "$@"`, 'sh', ...node] as const);
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  const pending = new Map<number, { resolve(value: unknown): void; reject(reason: unknown): void }>();
  const complaints: string[] = [];
  let lastId = 0;
  child.stderr.setEncoding('utf8').on('data', (text: string) => void complaints.push(text));
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [id, answer, code] = JSON.parse(line) as [number, unknown, string | undefined];
    if (code === undefined) pending.get(id)?.resolve(answer);
    else pending.get(id)?.reject(code);
    pending.delete(id);
  });
  const ended = once(child, 'close').then(() => {
    for (const { reject } of pending.values()) reject('gone');
    pending.clear();
  });
  const call = (name: string, ...args: string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (child.exitCode !== null || child.signalCode !== null) reject('gone');
    lastId += 1;
    pending.set(lastId, { resolve, reject });
    child.stdin.write(`${JSON.stringify([lastId, name, ...args])}\n`);
    return promise;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  await call('open').catch(() => {
    throw new Error(`the process could not open ${path}: ${complaints.join('')}`);
  });
  return {
    pid: child.pid ?? -1,
    call,
    async close() {
      await call('close');
      child.stdin.end();
      await ended;
      return complaints.join('');
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
