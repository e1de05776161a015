import { PATHS, type Path, printOutcome } from '../sweep/outcome.ts';
import type { Delivery, RunSummary, TargetSummary } from '../sweep/result/summary.ts';

/** An outcome as it is printed, and since when: milliseconds since the epoch, of the start of that run. */
export interface Standing {
  readonly outcome: string;
  readonly since: number;
  /** It was so in the first run of this process that saw the host, and may have been so for longer. */
  readonly orLonger: boolean;
}

/** One host as the sweeps saw it last. */
export interface BoardHost {
  readonly moref: string;
  readonly name: string;
  /** By sweep, then by path. */
  readonly standings: Readonly<Record<string, { readonly [P in Path]?: Standing }>>;
  /** By sweep: what an operator reads of what is not ok. */
  readonly details: Readonly<Record<string, readonly string[]>>;
}

/** What became of one target in one run. */
export interface BoardRun {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly status: TargetSummary['status'];
  readonly ok: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One sweep on one target. */
export interface BoardSweep {
  readonly sweep: string;
  readonly target: string;
  /** The oldest first. */
  readonly runs: readonly BoardRun[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly deliveries: readonly Pick<Delivery, 'sink' | 'outcome'>[];
}

/** All that the page shows of runs; a value, from which the next run makes another one. */
export interface Board {
  readonly sweeps: readonly BoardSweep[];
  /** By target, then by managed object id. */
  readonly hosts: Readonly<Record<string, Readonly<Record<string, BoardHost>>>>;
}

export const EMPTY_BOARD: Board = { sweeps: [], hosts: {} };

/** Of each sweep on each target. */
export const MAX_RUNS = 60;

/** The board after one more run. A target over which it did not go keeps its hosts as they were seen last. */
export function withRun(board: Board, run: RunSummary): Board {
  return run.targets.reduce((before, target) => withTarget(before, run, target), board);
}

function withTarget(board: Board, run: RunSummary, target: TargetSummary): Board {
  const isOne = ({ sweep, target: name }: BoardSweep) => sweep === run.sweep && name === target.target;
  const known = board.sweeps.find(isOne);
  const now: BoardSweep = {
    sweep: run.sweep,
    target: target.target,
    runs: [...(known?.runs ?? []), toBoardRun(run, target)].slice(-MAX_RUNS),
    problems: target.problems,
    warnings: target.warnings.map(({ text, count }) => (count === 1 ? text : `${text} (${count} times)`)),
    deliveries: target.deliveries.map(({ sink, outcome }) => ({ sink, outcome })),
  };
  const sweeps =
    known === undefined ? [...board.sweeps, now] : board.sweeps.map((one) => (isOne(one) ? now : one));
  if (target.status !== 'swept') return { ...board, sweeps };
  const before = own(board.hosts, target.target) ?? {};
  const hosts = { ...board.hosts, [target.target]: withHosts(before, run, target) };
  return { sweeps, hosts };
}

/** A sweep without ssh and without hosts counts none; what counts is then what it read of other kinds. */
function toBoardRun({ startedAt }: RunSummary, { status, paths, durationMs }: TargetSummary): BoardRun {
  const counted = Object.values(paths);
  const sum = (key: 'ok' | 'failed' | 'skipped') => counted.reduce((total, one) => total + one[key], 0);
  return { startedAt, durationMs, status, ok: sum('ok'), failed: sum('failed'), skipped: sum('skipped') };
}

/** What this sweep saw replaces what it saw before; a host that no sweep sees any more is gone. */
function withHosts(
  before: Readonly<Record<string, BoardHost>>,
  run: RunSummary,
  { hosts }: TargetSummary,
): Readonly<Record<string, BoardHost>> {
  const { sweep } = run;
  const seen = new Set(hosts.map(({ moref }) => moref));
  const others = Object.values(before).flatMap((host) => {
    const left = without(host, sweep);
    return seen.has(host.moref) || Object.keys(left.standings).length === 0 ? [] : [left];
  });
  const now = hosts.map(({ moref, name, outcomes, details }): BoardHost => {
    const known = own(before, moref);
    const knownHere = known && own(known.standings, sweep);
    const standings = Object.fromEntries(
      PATHS.flatMap((path) => {
        const outcome = outcomes[path];
        if (outcome === undefined) return [];
        return [[path, standing(printOutcome(outcome), knownHere?.[path], run.startedAt)]];
      }),
    );
    return {
      moref,
      name,
      standings: { ...known?.standings, [sweep]: standings },
      details: { ...known?.details, [sweep]: details },
    };
  });
  return Object.fromEntries([...others, ...now].map((host) => [host.moref, host]));
}

/** Names come from peers: none of them may be found that was never put there, such as `constructor`. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

function standing(outcome: string, before: Standing | undefined, startedAt: number): Standing {
  if (before?.outcome === outcome) return before;
  return { outcome, since: startedAt, orLonger: before === undefined };
}

function without(host: BoardHost, sweep: string): BoardHost {
  const { [sweep]: _standing, ...standings } = host.standings;
  const { [sweep]: _details, ...details } = host.details;
  return { ...host, standings, details };
}
