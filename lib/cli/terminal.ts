import type { Log, LogLevel } from '../platform/log.ts';
import { createLineLog } from '../platform/log.ts';

/** Standard output, for what a command answers; everything else goes to standard error. */
export function print(text: string): void {
  eraseStatusLine();
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printError(text: string): void {
  eraseStatusLine();
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

export const logTo = (level: LogLevel): Log =>
  createLineLog({ level, write: (line) => printError(`${new Date().toISOString()} ${line}`) });

let hasStatusLine = false;

/** Writes or rewrites the last line of the terminal, which the next thing printed erases. */
export function showStatusLine(render: (width: number) => string): void {
  // A line as wide as the terminal would make some of them begin another one.
  process.stderr.write(`\r${render(widthOf(process.stderr) - 1)}\x1b[K`);
  hasStatusLine = true;
}

export function eraseStatusLine(): void {
  if (hasStatusLine) process.stderr.write('\r\x1b[K');
  hasStatusLine = false;
}

/** A new terminal may say that it has none. */
const DEFAULT_COLUMNS = 80;

/** Columns for a table; as many as it likes where no terminal ends them, or all is to be seen. */
export function tableWidth(
  { verbose }: { verbose: boolean },
  stream: NodeJS.WriteStream = process.stdout,
): number {
  return stream.isTTY && !verbose ? widthOf(stream) : Number.POSITIVE_INFINITY;
}

const widthOf = (stream: NodeJS.WriteStream): number => stream.columns || DEFAULT_COLUMNS;

/**
 * One stop may come twice: systemd and Compose signal every process of a group and a terminal its foreground group, and
 * npm, npx and `bin/vsweep.cjs` hand on to their child what they got.
 */
const SAME_STOP_MS = 1_000;

/**
 * An AbortSignal that SIGINT, SIGTERM and SIGHUP abort. A second one of them ends the process, when it comes more than a
 * second after the first. Dispose it to give the signals back.
 */
export function abortOnSignals(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const giveBack = () => {
    for (const name of signals) process.removeListener(name, stop);
  };
  let stoppedAt: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    const now = performance.now();
    if (stoppedAt === undefined) {
      stoppedAt = now;
      controller.abort(new Error('stopped by a signal'));
    } else if (now - stoppedAt > SAME_STOP_MS) {
      giveBack();
      process.kill(process.pid, name);
    }
  };
  for (const name of signals) process.on(name, stop);
  return { signal: controller.signal, [Symbol.dispose]: giveBack };
}

/** A time as it is printed everywhere; nothing for one that is not known. */
export const printTime = (at: number | undefined): string =>
  at === undefined ? '' : new Date(at).toISOString();

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** `45 s`, `3 m`, `2 h`, `5 d`: the largest unit that it fills. */
export function printAge(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}
