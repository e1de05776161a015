import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from './peer-requirements.ts';
import { pollUntil } from './poll-until.ts';

const LOG_LIMIT = 64 * 1024;
const STOP_TIMEOUT_MS = 5_000;

/** A child process that ends with the test process, whatever becomes of that. */
export interface PeerProcess extends AsyncDisposable {
  readonly pid: number;
  /** The last 64 KiB of what it printed. */
  log(): string;
  /** The next line of its standard output; rejects when it ends, or after `timeoutMs`. */
  nextLine(options: { timeoutMs: number }): Promise<string>;
  /** Writes a line to its standard input. */
  send(line: string): void;
  /** Resolves when `condition` holds; rejects when the process ends first, or after `timeoutMs`. */
  until(what: string, condition: () => Promise<boolean>, options: { timeoutMs: number }): Promise<void>;
  /** Resolves when it has ended by itself; rejects after `timeoutMs`. */
  end(options: { timeoutMs: number }): Promise<void>;
}

/** Starts a program; every error of the result carries what the program printed. */
export function startPeerProcess(name: string, command: readonly [string, ...string[]]): PeerProcess {
  const path = findProgram(command[0]);
  if (path === undefined) throw new Error(`${name}: no program ${command[0]}; run test/peers/install.sh`);
  // The kernel sends SIGTERM to the child when this process dies without disposing of it.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', path, ...command.slice(1)]);
  const output = collectOutput(child);
  const ended = new AbortController();
  const closed = once(child, 'close').then(
    () => ended.abort(new Error(`ended with ${child.exitCode ?? child.signalCode}`)),
    (error: unknown) => ended.abort(error),
  );
  const waitFor = async <T>(
    what: string,
    condition: () => Promise<T | undefined> | T | undefined,
    timeoutMs: number,
  ) => {
    try {
      return await pollUntil(what, condition, { timeoutMs, signal: ended.signal });
    } catch (error) {
      throw new Error(`${name}, ${what}: ${String(error)}\n${output.log()}`, { cause: error });
    }
  };
  return {
    // `setpriv` becomes the program, so it is the program's own; there is none when that could not be started.
    pid: child.pid ?? Number.NaN,
    log: output.log,
    nextLine: ({ timeoutMs }) => waitFor('next line', () => output.lines.shift(), timeoutMs),
    send: (line) => void child.stdin.write(`${line}\n`),
    until: async (what, condition, { timeoutMs }) => {
      await waitFor(what, async () => ((await condition()) ? true : undefined), timeoutMs);
    },
    end: async ({ timeoutMs }) => {
      await pollUntil(`${name} ends`, () => ended.signal.aborted || undefined, { timeoutMs });
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      child.kill('SIGTERM');
      const patience = new AbortController();
      const kill = delay(STOP_TIMEOUT_MS, undefined, { signal: patience.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
      await closed;
      patience.abort();
      await kill;
    },
  };
}

function collectOutput(child: ChildProcessWithoutNullStreams): { log(): string; lines: string[] } {
  let log = '';
  const lines: string[] = [];
  const append = (text: string) => {
    log = (log + text).slice(-LOG_LIMIT);
  };
  child.stdout.setEncoding('utf8').on('data', append);
  child.stderr.setEncoding('utf8').on('data', append);
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  // Writing to a child that has just ended is an error of the child, which `until` and `nextLine` report.
  child.stdin.on('error', () => undefined);
  return { log: () => log, lines };
}
