import type { RunSummary, TargetSummary } from '../sweep/result/summary.ts';
import { formatTable } from './format-table.ts';

/** The last run of each sweep, a line a target, as `vsweep run` shows it on a terminal. */
export function printLastRuns(runs: readonly RunSummary[], width: number): string {
  const rows = runs.flatMap(({ sweep, startedAt, targets }) =>
    targets.map((target) => [
      sweep,
      target.target,
      new Date(startedAt).toISOString().slice(11, 19),
      countsOf(target, 'vcenter'),
      countsOf(target, 'ssh'),
    ]),
  );
  return formatTable(['sweep', 'target', 'began (UTC)', 'vcenter', 'ssh'], rows, { width });
}

/** `54 ok, 3 failed`: what there is; for a target without counts why there are none. */
function countsOf({ status, paths }: TargetSummary, path: 'vcenter' | 'ssh'): string {
  if (status !== 'swept') return path === 'vcenter' ? status : '';
  const { ok = 0, failed = 0, skipped = 0 } = paths[path] ?? {};
  return Object.entries({ ok, failed, skipped })
    .flatMap(([outcome, count]) => (count === 0 ? [] : [`${count} ${outcome}`]))
    .join(', ');
}
