import { Listr } from 'listr2';
import type { Log, LogLevel } from '../platform/log.ts';
import { createLineLog } from '../platform/log.ts';
import type { SweepTargetDeps } from '../sweep/target/sweep-target.ts';

/** Standard output, for what a command answers; everything else goes to standard error. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printError(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

export const logTo = (level: LogLevel): Log =>
  createLineLog({ level, write: (line) => printError(`${new Date().toISOString()} ${line}`) });

type OnProgress = NonNullable<SweepTargetDeps['onProgress']>;

/** Shows how far `work` is, one line a target, while standard error is a terminal; else shows nothing. */
export async function withProgress<T>(
  targets: readonly string[],
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const show = new Map<string, (text: string) => void>();
  const outcome = work(({ target, done, hosts }) => show.get(target)?.(`${done} of ${hosts} hosts`));
  if (!process.stderr.isTTY || !process.stdout.isTTY) return outcome;
  const settled = outcome.then(
    () => undefined,
    () => undefined,
  );
  const list = new Listr(
    targets.map((target) => ({
      title: target,
      task: async (_context, task) => {
        show.set(target, (text) => {
          task.title = `${target}  ${text}`;
        });
        await settled;
      },
    })),
    // Its own listener ends the process at Ctrl-C, without a logout and without clearing up.
    { concurrent: true, registerSignalListeners: false, rendererOptions: { clearOutput: true } },
  );
  await list.run();
  return outcome;
}

/** An AbortSignal that SIGINT, SIGTERM and SIGHUP abort, a second one of them ends the process; dispose it to give the signals back. */
export function abortOnSignals(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const giveBack = () => {
    for (const name of signals) process.removeListener(name, stop);
  };
  // Not `once`: what restores the terminal's cursor ends the process when nobody else listens any more.
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      giveBack();
      process.kill(process.pid, name);
    }
    controller.abort(new Error('stopped by a signal'));
  };
  for (const name of signals) process.on(name, stop);
  return { signal: controller.signal, [Symbol.dispose]: giveBack };
}

/** Columns as wide as their widest cell; the last one is cut to what is left of the terminal. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  // Names come from vCenter: a control character in one must not move the terminal's cursor.
  const lines = [header, ...rows].map((cells) => cells.map((cell) => cell.replace(/\p{Cc}/gu, ' ')));
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const total = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => (line.length > total ? `${line.slice(0, total - 1)}…` : line))
    .join('\n');
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
