import type { MetricRow } from '../catalogue/row.ts';
import { adviseOwn } from '../collectors/own/advise-own.ts';
import { compileOnly } from '../collectors/own/chosen-items.ts';
import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import type { OnlyConfig } from '../config/own-metrics.ts';
import type { Config, TargetConfig } from '../config/schema.ts';
import { sayNoTarget } from '../config/unknown-names.ts';
import type { Item, KindName } from '../inventory/kind.ts';
import { nearestName, nearestNames } from '../platform/nearest-name.ts';
import { inNoSweepOf, isAskedOfHost } from '../poll/ask-host.ts';
import { polledMetrics } from '../poll/polled-metrics.ts';
import { type SweptRows, toQuestions } from './host-questions.ts';
import type { Tried } from './tried.ts';

type Loaded = Pick<LoadedConfig, 'config'>;

/** The metric of that name. Throws ConfigError for one that cannot be tried. */
export function requireRow(name: string, { config }: Loaded): MetricRow {
  const metrics = polledMetrics(config)();
  const row = metrics.get(name);
  if (row !== undefined) return row;
  const nearest = nearestNames(name, metrics.keys());
  const hint = nearest.length === 0 ? 'vsweep metrics list has all' : `did you mean ${nearest.join(' or ')}?`;
  throw new ConfigError('metrics try', [
    { path: '', message: `there is no metric ${name} that can be tried; ${hint}` },
  ]);
}

/** A host is asked by a sweep of its own target alone. */
export function requireQuestions({ name }: MetricRow, target: TargetConfig, { config }: Loaded): SweptRows[] {
  const questions = toQuestions([name], config, target);
  if (questions.length > 0) return questions;
  throw new ConfigError('metrics try', [{ path: '', message: `${name}: ${inNoSweepOf(target.name)}` }]);
}

/** The one that is named, else the first that can be asked, if there is one by a sweep that has the metric. */
export function requireTarget(name: string | undefined, row: MetricRow, { config }: Loaded): TargetConfig {
  const { targets } = config;
  const withLogin = targets.filter(({ credentials }) => credentials !== undefined);
  const swept = isAskedOfHost(row)
    ? withLogin.find((one) => toQuestions([row.name], config, one).length > 0)
    : undefined;
  const found =
    name === undefined
      ? (swept ?? withLogin[0])
      : targets.find((one) => one.name === name || one.aliases.includes(name));
  if (found !== undefined) return found;
  const message = name === undefined ? 'no target has credentials' : sayNoTarget(name, targets);
  throw new ConfigError('metrics try', [{ path: '', message }]);
}

/** The object by its name or managed object id, else the first that sweeps take; and whether they leave it out. */
export function findItem(
  items: readonly Item[],
  { row, target, object }: { row: MetricRow; target: TargetConfig; object: string | undefined },
  { only }: Pick<Config['metrics'], 'only'>,
): { item: Item; isLeftOut: boolean } {
  const chooses = row.isOwn === true ? chosenByNames(target, only) : () => true;
  const isChosen = (one: Item) => chooses(row.kind, one);
  const item =
    object === undefined
      ? (items.find(isChosen) ?? items[0])
      : items.find((one) => one.name === object || one.moref === object);
  if (item !== undefined) return { item, isLeftOut: !isChosen(item) };
  throw new ConfigError(target.name, [{ path: '', message: sayNoItem(row.kind, object, items) }]);
}

function sayNoItem(kind: KindName, object: string | undefined, items: readonly Item[]): string {
  if (object === undefined) return `no ${kind} is there`;
  const nearest = nearestName(
    object,
    items.map(({ name }) => name),
  );
  return `no ${kind} is called "${object}"${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
}

/** By `metrics.only`, but for tags, which are read of a whole target. */
function chosenByNames({ name: target, site }: TargetConfig, only: OnlyConfig | undefined) {
  if (only === undefined) return () => true;
  const { tag: _read, ...byNames } = only;
  const chooses = compileOnly(byNames);
  return (kind: KindName, { name, facts }: Item) =>
    chooses(kind, { target, site, name, facts }, new Set<string>());
}

/** What only the configuration tells: whether a sweep would push it, and where there is nothing, why that is likely. */
export function adviceOf(
  row: MetricRow,
  isLeftOut: boolean,
  { series }: Pick<Tried, 'series'>,
  { config: { metrics } }: Loaded,
): string[] {
  const metric = metrics.own[row.name];
  if (row.isOwn !== true || metric === undefined) return [];
  const preset = metrics.preset[0] ?? 'vmware_exporter';
  return [
    ...(isLeftOut ? ['metrics.only leaves this object out: sweeps make no series of it'] : []),
    ...(metrics.only?.tag === undefined ? [] : ['the tags of metrics.only are not looked at here']),
    ...(series.length > 0 ? [] : adviseOwn({ name: row.name, metric, preset }, row)),
  ];
}
