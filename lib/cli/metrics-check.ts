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
  const hosts = await countHosts(loaded);
  const checked = ownMetricsOf(loaded).flatMap(({ sweep, ...own }) => {
    const row = compileOwn(own);
    if (row === undefined) return [];
    const { name, metric } = own;
    const perObject = seriesPerObject(own);
    const written = metric[ownSourceOf(metric) ?? 'property'];
    const from = Array.isArray(written) ? written.join(' ') : String(written);
    const series =
      row.kind === 'host' && perObject !== undefined && hosts !== undefined ? perObject * hosts : undefined;
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
  if (options.json) print(JSON.stringify({ ok: true, metrics: checked }, undefined, 2));
  else print([...checked.flatMap(describe), summary(checked.length, loaded, checked)].join('\n'));
  return 0;
}

type Checked = {
  name: string;
  sweep: string;
  from: string;
  kind: string;
  labels: readonly string[];
  perObject: number | undefined;
  series: number | undefined;
  notes: readonly string[];
};

const describe = ({ name, from, kind, labels, sweep, perObject, series, notes }: Checked): string[] => [
  `${name}: ${from}`,
  `  sweep ${sweep}; ${perObject === undefined ? 'a series per instance' : `${perObject} series`} per ${kind}${perObject !== undefined && perObject > 1 ? ' at most' : ''}${series === undefined ? '' : `, ${series} by the last host list`}`,
  `  labels ${labels.join(', ')}`,
  ...notes.map((note) => `  ${note}`),
];

function summary(count: number, { config }: LoadedConfig, checked: readonly Checked[]): string {
  const known = checked.reduce((sum, { series = 0 }) => sum + series, 0);
  const budget = `metrics.series is ${config.metrics.series} per sweep and target`;
  if (known > config.metrics.series)
    return `${printCount(count, 'own metric')}: ${known} series of hosts, and ${budget}: the largest will be left out`;
  return `${printCount(count, 'own metric')}: ok; ${budget}`;
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

/** Of all targets, as they were listed last; undefined where no run was. Nothing is made for it. */
async function countHosts(loaded: LoadedConfig): Promise<number | undefined> {
  if (!existsSync(statePathOf(loaded, process.env))) return undefined;
  using signals = abortOnSignals();
  await using opened = await openState(
    { loaded, env: process.env, clock: systemClock, log: logTo('warn') },
    signals,
  );
  const lists = await Promise.all(
    loaded.config.targets.map(({ name }) => opened.state.hostLists.read(name, storedHostList, signals)),
  );
  const known = lists.flatMap((list) => list?.hosts.hosts.length ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
}
