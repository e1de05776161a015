import { systemClock } from '../platform/clock.ts';
import type { SweepTargetDeps } from '../sweep/run/sweep-target.ts';
import { printCount } from './print-count.ts';
import { eraseStatusLine, showStatusLine } from './screen.ts';

type OnProgress = NonNullable<SweepTargetDeps['onProgress']>;

/** How far a sweep is, over all of its targets. */
export interface Progress {
  readonly targets: number;
  /** Of them, those whose hosts are known. */
  readonly known: number;
  readonly done: number;
  readonly hosts: number;
  readonly elapsedMs: number;
}

/** A run that is over before it is not worth a bar. */
const A_MOMENT_MS = 500;
const REDRAW_MS = 200;

/** Shows how far `work` is while both outputs are terminals that nobody wants plain; erased when it ends. */
export async function withProgress<T>(
  { targets, json }: { targets: number; json: boolean },
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  if (!isLive({ json })) return await work(() => undefined);
  const startedAt = systemClock.now();
  const latest = new Map<string, Parameters<OnProgress>[0]>();
  const timer = setInterval(() => {
    const elapsedMs = systemClock.now() - startedAt;
    if (elapsedMs < A_MOMENT_MS) return;
    const progress = { ...sumOf([...latest.values()]), targets, elapsedMs };
    showStatusLine((width) => renderProgress(progress, width));
  }, REDRAW_MS);
  try {
    return await work((progress) => latest.set(progress.target, progress));
  } finally {
    clearInterval(timer);
    eraseStatusLine();
  }
}

/** Whether lines may be rewritten in place. */
export const isLive = ({ json }: { json: boolean }): boolean =>
  isShown({ json, areTerminals: process.stderr.isTTY && process.stdout.isTTY, env: process.env });

/** `areTerminals`: both outputs. */
export function isShown(on: {
  json: boolean;
  areTerminals: boolean;
  env: Readonly<Record<string, string | undefined>>;
}): boolean {
  const isPlain = Boolean(on.env['NO_COLOR'] || on.env['CI']) || on.env['TERM'] === 'dumb';
  return on.areTerminals && !on.json && !isPlain;
}

/** Over the targets whose hosts are known. */
export const sumOf = (all: readonly { done: number; hosts: number }[]) => ({
  known: all.length,
  done: all.reduce((sum, one) => sum + one.done, 0),
  hosts: all.reduce((sum, one) => sum + one.hosts, 0),
});

const MAX_BAR = 40;
/** A shorter one shows nothing that the share does not say. */
const MIN_BAR = 10;

/** `████░░░░  50 %  30 of 60 hosts  0:03`, in at most `width` columns; the bar goes first where they are few. */
export function renderProgress(progress: Progress, width: number): string {
  const { targets, known, done, hosts, elapsedMs } = progress;
  const time = printElapsed(elapsedMs);
  if (known === 0) return `listing ${printCount(targets, 'target')}  ${time}`.slice(0, width);
  const share = hosts === 0 ? 1 : done / hosts;
  const ofTargets = known < targets ? `, ${known} of ${targets} targets` : '';
  const percent = String(Math.floor(share * 100)).padStart(3);
  const text = `${percent} %  ${done} of ${hosts} hosts${ofTargets}  ${time}`;
  const bar = Math.min(MAX_BAR, width - text.length - 1);
  if (bar < MIN_BAR) return text.trimStart().slice(0, width);
  const filled = Math.floor(share * bar);
  return `${'█'.repeat(filled)}${'░'.repeat(bar - filled)} ${text}`;
}

/** `1:05`: minutes and seconds. A clock that was set back shows none. */
function printElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
