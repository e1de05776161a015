import type { Log, LogLevel } from '../platform/log.ts';
import { createLineLog } from '../platform/log.ts';
import { escapeUnseen } from '../platform/printable.ts';
import { hasColours, paint } from './colour.ts';
import type { Completer } from './complete-commands.ts';
import { aboveTheBottom, widthOf } from './screen.ts';

/** What a text goes through on its way to a person; set for as long as a command runs. */
let completeCommands: Completer = (text) => text;
let configOfCommand: string | undefined;

/** Messages name commands as `complete` has them. Dispose what it answers when the command has ended. */
export function completingCommands(complete: Completer): Disposable {
  completeCommands = complete;
  return {
    [Symbol.dispose]() {
      completeCommands = (text) => text;
    },
  };
}

/** Commands in messages are about this configuration until what it answers is disposed. */
export function aboutConfig(file: string): Disposable {
  configOfCommand = file;
  return {
    [Symbol.dispose]() {
      configOfCommand = undefined;
    },
  };
}

/** As a person may see it: nothing that a peer said moves the cursor, and commands can be pasted. */
export const toDisplay = (text: string, stream?: NodeJS.WriteStream): string => {
  const shown = completeCommands(escapeUnseen(text), configOfCommand);
  return stream !== undefined && hasColours(stream, process.env) ? paint(shown) : shown;
};

const write = (stream: NodeJS.WriteStream, text: string): void =>
  aboveTheBottom(() => stream.write(text.endsWith('\n') ? text : `${text}\n`));

/** Standard output, for what a command answers; everything else goes to standard error. */
export const print = (text: string): void => write(process.stdout, toDisplay(text));

/** The same with the colours of a terminal that has them. */
export const printColoured = (text: string, stream: NodeJS.WriteStream = process.stdout): void =>
  write(stream, toDisplay(text, stream));

/** For programs: an exposition, a reply of vPoller, a configuration. It goes out as it is. */
export const printVerbatim = (text: string): void => write(process.stdout, text);

export const printError = (text: string): void => write(process.stderr, toDisplay(text));

/** A line an entry: a line feed in one must not begin another. */
export const logTo = (level: LogLevel): Log =>
  createLineLog({
    level,
    write: (line) => printError(`${new Date().toISOString()} ${line.replaceAll('\n', ' ')}`),
  });

/** Columns for a table; as many as it likes where no terminal ends them, or all is to be seen. */
export function tableWidth(
  { verbose }: { verbose: boolean },
  stream: NodeJS.WriteStream = process.stdout,
): number {
  return stream.isTTY && !verbose ? widthOf(stream) : Number.POSITIVE_INFINITY;
}

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
