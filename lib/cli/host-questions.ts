import type { MetricRow } from '../catalogue/row.ts';
import { targetsOfSweep } from '../config/cross-checks.ts';
import { OWN_COLLECTOR } from '../config/own-sweeps.ts';
import type { Config, SweepConfig } from '../config/schema.ts';
import { isAskedOfHost } from '../poll/ask-host.ts';
import { collectorsOf } from '../sweep/plan/target-settings.ts';

/** Metrics by commands of one sweep, and that sweep with nothing but them. */
export interface SweptRows {
  readonly sweep: SweepConfig;
  readonly rows: readonly MetricRow[];
  readonly probes: readonly string[];
}

/**
 * The sweeps of a target that have metrics by commands on hosts, each metric in the first that has it; what is in none is
 * left out. The lease and the turn of a sweep that does not have the target would guard nothing there.
 */
export function toQuestions(
  names: readonly string[],
  config: Pick<Config, 'sweeps' | 'targets'>,
  target: { readonly name: string },
): SweptRows[] {
  const left = new Set(names);
  const found: SweptRows[] = [];
  const ofTarget = config.sweeps.filter((sweep) =>
    targetsOfSweep(sweep, config).some(({ name }) => name === target.name),
  );
  for (const sweep of ofTarget) {
    const rowsOf = (collector: string) =>
      collectorsOf({ ...sweep, collectors: [collector] })
        .flatMap(({ rows }) => rows)
        .filter((row) => isAskedOfHost(row) && left.has(row.name));
    const collectors = sweep.collectors.filter((name) => rowsOf(name).length > 0);
    const rows = collectors.flatMap(rowsOf);
    if (rows.length === 0) continue;
    for (const { name } of rows) left.delete(name);
    const probes = [...new Set(rows.flatMap(({ source }) => source.needs.map(String)))];
    found.push({ sweep: onlyThese(sweep, { collectors, rows }), rows, probes });
  }
  return found;
}

function onlyThese(
  { own, ...sweep }: SweepConfig,
  { collectors, rows }: { collectors: readonly string[]; rows: readonly MetricRow[] },
): SweepConfig {
  const alone = { ...sweep, collectors: [...collectors] };
  if (own === undefined || !collectors.includes(OWN_COLLECTOR)) return alone;
  const names = new Set(rows.map(({ name }) => name));
  const metrics = Object.fromEntries(Object.entries(own.metrics).filter(([name]) => names.has(name)));
  return { ...alone, own: { ...own, metrics } };
}
