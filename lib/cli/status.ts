import { systemClock } from '../platform/clock.ts';
import type { LastRun, Lease } from '../state/stores/runs.ts';
import { PATHS } from '../sweep/outcome.ts';
import { parseOutcomes } from '../sweep/result/outcome-changes.ts';
import { formatTable } from './format-table.ts';
import { isHeld, sweepsAndTargets } from './lease.ts';
import { type StateOptions, type StateWork, withState } from './open-state.ts';
import { printRecordedHosts, readRecordedHosts } from './status-hosts.ts';
import { print, printAge, printColoured, printError, printTime, tableWidth } from './terminal.ts';

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

interface StatusOptions extends StateOptions {
  readonly json: boolean;
  readonly hosts: boolean;
  readonly outcome: readonly string[];
}

/** `vsweep status`: the last run of each sweep on each target, or with `hosts` what became of each host in it. */
export async function statusCommand(options: StatusOptions): Promise<number> {
  if (options.outcome.length > 0 && !options.hosts) {
    printError('--outcome needs --hosts');
    return 2;
  }
  return await withState(options, async (opened) => {
    const { state, loaded, signal } = opened;
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
    if (options.hosts) return await printHosts(all, options, opened);
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
      printColoured(
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

async function printHosts(
  all: readonly Status[],
  options: StatusOptions,
  opened: StateWork,
): Promise<number> {
  const hosts = await readRecordedHosts(all, { wanted: options.outcome }, opened);
  if (options.json) print(JSON.stringify(hosts, undefined, 2));
  else if (hosts.length === 0) print('no host of a last run has such an outcome');
  else printColoured(printRecordedHosts(hosts, tableWidth(options)));
  for (const { sweep, target, last } of all) {
    if (last !== undefined && last.outcomes === undefined)
      printError(`the hosts of sweep ${sweep} on ${target} were too many to store`);
  }
  return 0;
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
  const hosts = Object.values(outcomes).map(parseOutcomes);
  return PATHS.flatMap((path) => {
    const counts: Record<string, number> = {};
    for (const { [path]: outcome } of hosts) {
      if (outcome !== undefined) counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return Object.keys(counts).length === 0 ? [] : [{ path, outcomes: counts }];
  });
}
