import { existsSync } from 'node:fs';
import { adviseOwn, seriesPerObject } from '../collectors/own/advise-own.ts';
import { compileOwn } from '../collectors/own/compile-own.ts';
import type { NamedOwn } from '../collectors/own/own-kind.ts';
import { ownSourceOf } from '../collectors/own/own-kind.ts';
import { labelsOfKind } from '../collectors/own/reserved-names.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { systemClock } from '../platform/clock.ts';
import { storedHostList } from '../sweep/listing/host-list.ts';
import { loadConfig } from './load-config.ts';
import { openState, statePathOf } from './open-state.ts';
import { printCount } from './print-count.ts';
import { abortOnSignals, logTo, print } from './terminal.ts';

/** `vsweep metrics check`: what each own metric is made from, how many series it is, and what to know of it; or every fault. */
export async function metricsCheckCommand(options: { config: string; json: boolean }): Promise<number> {
  const loaded = await loadConfig(options.config, process.env);
  const checked = checkOwn(loaded, await countObjects(loaded));
  if (options.json) print(JSON.stringify({ ok: true, metrics: checked }, undefined, 2));
  else print(printChecked(checked, loaded));
  return 0;
}

/** Of each own metric what it is made from and what it costs, with the number of objects of each kind where it is known. */
export const checkOwn = (loaded: Pick<LoadedConfig, 'config'>, objects: ReadonlyMap<string, number>) =>
  ownMetricsOf(loaded).flatMap(({ sweep, ...own }) => {
    const row = compileOwn(own);
    if (row === undefined) return [];
    const { name, metric } = own;
    const perObject = seriesPerObject(own);
    const written = metric[ownSourceOf(metric) ?? 'property'];
    const from = Array.isArray(written) ? written.join(' ') : String(written);
    const count = objects.get(row.kind);
    const series = perObject === undefined || count === undefined ? undefined : perObject * count;
    return [
      {
        name,
        sweep,
        from,
        kind: row.kind,
        labels: [...(labelsOfKind(row.kind, own.preset) ?? []), ...row.labels],
        since: row.since,
        perObject,
        series,
        privilege: row.privilege,
        notes: adviseOwn(own, row),
      },
    ];
  });

type Checked = ReturnType<typeof checkOwn>[number];

/** The lines of `vsweep metrics check`. */
export const printChecked = (checked: readonly Checked[], { config }: Pick<LoadedConfig, 'config'>): string =>
  [...checked.flatMap(describe), summary(checked, config.metrics.series)].join('\n');

const describe = ({ name, from, kind, labels, sweep, perObject, series, notes }: Checked): string[] => [
  `${name}: ${from}`,
  `  sweep ${sweep}; ${perObject === undefined ? 'a series per instance' : `${perObject} series`} per ${kind}${perObject !== undefined && perObject > 1 ? ' at most' : ''}${series === undefined ? '' : `, ${series} by the last run`}`,
  `  labels ${labels.join(', ')}`,
  ...notes.map((note) => `  ${note}`),
];

function summary(checked: readonly Checked[], budget: number): string {
  const known = checked.reduce((sum, { series = 0 }) => sum + series, 0);
  const of = printCount(checked.length, 'own metric');
  const said = `metrics.series is ${budget} per sweep and target`;
  return known > budget
    ? `${of}: ${known} series, and ${said}: the largest will be left out`
    : `${of}: ok; ${said}`;
}

/** With the sweeps that collect them. */
export const ownMetricsOf = ({
  config,
}: Pick<LoadedConfig, 'config'>): (NamedOwn & { readonly sweep: string })[] =>
  Object.entries(config.metrics.own).map(([name, metric]) => {
    const sweeps = config.sweeps.filter(({ own }) => own !== undefined && Object.hasOwn(own.metrics, name));
    const preset = config.metrics.preset[0] ?? 'vmware_exporter';
    return { name, metric, preset, sweep: sweeps.map((one) => one.name).join(', ') };
  });

/**
 * By kind, over all targets, as the last runs found them: hosts by the list that is kept, others by the run of any sweep that
 * lists them. Nothing is made for it, and of a kind that no run has listed nothing is known.
 */
async function countObjects(loaded: LoadedConfig): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  if (!existsSync(statePathOf(loaded, process.env))) return counts;
  using signals = abortOnSignals();
  await using opened = await openState(
    { loaded, env: process.env, clock: systemClock, log: logTo('warn') },
    signals,
  );
  const { hostLists, runs } = opened.state;
  const { sweeps, targets } = loaded.config;
  for (const { name: target } of targets) {
    const last = await Promise.all(sweeps.map((sweep) => runs.readLast(sweep.name, target, signals)));
    const newest = last.flatMap((one) => one ?? []).toSorted((one, other) => one.endedAt - other.endedAt);
    const found: Record<string, number> = Object.assign({}, ...newest.map(({ objects }) => objects));
    const list = await hostLists.read(target, storedHostList, signals);
    if (list !== undefined) found['host'] = list.hosts.hosts.length;
    for (const [kind, count] of Object.entries(found)) counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  return counts;
}
