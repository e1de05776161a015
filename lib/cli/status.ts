import { systemClock } from '../platform/clock.ts';
import type { LastRun, Lease } from '../state/stores/runs.ts';
import { PATHS, parseOutcome } from '../sweep/outcome.ts';
import { formatTable } from './format-table.ts';
import { isHeld, sweepsAndTargets } from './lease.ts';
import { type StateOptions, withState } from './open-state.ts';
import { print, printAge, printTime, tableWidth } from './terminal.ts';

interface Status {
  readonly sweep: string;
  readonly target: string;
  readonly everyMs: number;
  readonly last: LastRun | undefined;
  readonly lease: Lease | undefined;
}

/** Runs that may be missing before one is called late, as the alert does. */
const MISSED = 3;

/** Whether the next run should have begun long ago; times in milliseconds since the epoch. */
export const isLate = ({ startedAt }: Pick<LastRun, 'startedAt'>, everyMs: number, now: number): boolean =>
  now - startedAt > MISSED * everyMs;

/** `vsweep status`: the last run of each sweep on each target. */
export async function statusCommand(options: StateOptions & { json: boolean }): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const all = await Promise.all(
      sweepsAndTargets(loaded).map(async (one): Promise<Status> => {
        const [last, lease] = await Promise.all([
          state.runs.readLast(one.sweep, one.target, { signal }),
          state.runs.readLease(one.sweep, one.target, { signal }),
        ]);
        return {
          ...one,
          last: last?.isDry ? undefined : last,
          lease: isHeld(lease, one.everyMs) ? lease : undefined,
        };
      }),
    );
    const now = systemClock.now();
    if (options.json)
      print(
        JSON.stringify(
          all.map((one) => toJson(one, now)),
          undefined,
          2,
        ),
      );
    else {
      const header = ['sweep', 'target', 'began', 'age', 'exit code', 'lease until', 'hosts'];
      print(
        formatTable(
          header,
          all.map((one) => toRow(one, now)),
          { width: tableWidth(options) },
        ),
      );
    }
    return 0;
  });
}

function toRow({ sweep, target, everyMs, last, lease }: Status, now: number): string[] {
  const held = printTime(lease?.endsAt);
  if (last === undefined) return [sweep, target, 'never', '', '', held, ''];
  const age = `${printAge(now - last.startedAt)}${isLate(last, everyMs, now) ? ', LATE' : ''}`;
  const counts = countsOf(last).map(
    ({ path, outcomes }) =>
      `${path}: ${Object.entries(outcomes)
        .map(([outcome, count]) => `${count} ${outcome}`)
        .join(', ')}`,
  );
  const hosts = counts.length > 0 ? counts.join('; ') : printNone(last);
  return [sweep, target, printTime(last.startedAt), age, String(last.exitCode), held, hosts];
}

/** A run that found no host says so; an empty cell looks like one that is not filled. */
export function printNone({ outcomes, exitCode }: Pick<LastRun, 'outcomes' | 'exitCode'>): string {
  if (outcomes === undefined) return 'too many to store';
  return exitCode === 1 ? 'none: the run failed' : 'none: the target has no hosts';
}

function toJson({ last, lease, ...one }: Status, now: number) {
  const { outcomes: _outcomes, ...times } = last ?? {};
  return {
    ...one,
    lease: lease ?? null,
    last:
      last === undefined
        ? null
        : {
            ...times,
            ageMs: now - last.startedAt,
            outcomes: Object.fromEntries(countsOf(last).map(({ path, outcomes }) => [path, outcomes])),
          },
  };
}

/** Hosts by outcome on each path; a run remembers one text a host, its outcomes in the order of the paths. */
function countsOf({ outcomes = {} }: LastRun) {
  const hosts = Object.values(outcomes).map((text) => text.split(' '));
  return PATHS.flatMap((path, index) => {
    const counts: Record<string, number> = {};
    for (const outcome of hosts.map((one) => one[index])) {
      if (outcome !== undefined && parseOutcome(outcome) !== undefined)
        counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return Object.keys(counts).length === 0 ? [] : [{ path, outcomes: counts }];
  });
}
