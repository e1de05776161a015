import type { NamedItem } from '../catalogue/presets.ts';
import { definitionOf, kindsOf, type MetricRow } from '../catalogue/row.ts';
import { adviseOwn } from '../collectors/own/advise-own.ts';
import { compileOnly } from '../collectors/own/chosen-items.ts';
import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import type { OnlyConfig } from '../config/own-metrics.ts';
import type { TargetConfig } from '../config/schema.ts';
import { sayNoTarget } from '../config/unknown-names.ts';
import type { Item, KindName } from '../inventory/kind.ts';
import { findKind } from '../inventory/kinds.ts';
import { listInventory } from '../inventory/list-inventory.ts';
import { printExposition } from '../metrics/encode-exposition.ts';
import type { Family } from '../metrics/family.ts';
import { systemClock } from '../platform/clock.ts';
import { startDeadline } from '../platform/deadline.ts';
import { nearestName, nearestNames } from '../platform/nearest-name.ts';
import { inNoSweepOf, isAskedOfHost } from '../poll/ask-host.ts';
import type { PollSession } from '../poll/method.ts';
import { polledMetrics } from '../poll/polled-metrics.ts';
import { readMetric } from '../poll/read-metric.ts';
import type { NamedItems } from '../sweep/result/named-items.ts';
import { createNaming } from '../sweep/result/naming.ts';
import { MAX_TRY_MS } from '../sweep/run/run-lease.ts';
import { type Container, openContainer } from './container.ts';
import { type SweptRows, toQuestions } from './host-questions.ts';
import { loadConfig } from './load-config.ts';
import { refuseRunsBesideStack } from './stack-state.ts';
import { abortOnSignals, logTo, print } from './terminal.ts';
import type { Tried } from './tried.ts';

export interface TryOptions {
  readonly config: string;
  readonly object?: string;
  readonly target?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/**
 * `vsweep metrics try <name>`: reads one metric of one object, with a login by the rules of all logins, and shows what
 * vCenter answered and what is made of it. One of a command is asked of the host, by a run that asks no other host.
 * Answers 1 if there is no such object, or no series.
 */
export async function metricsTryCommand(name: string, options: TryOptions): Promise<number> {
  const loaded = await loadConfig(options.config, process.env);
  const row = requireRow(name, loaded);
  const target = requireTarget(options.target, row, loaded);
  if (isAskedOfHost(row)) refuseRunsBesideStack(loaded, 'a login to a host');
  const [asked] = isAskedOfHost(row) ? requireQuestions(row, target, loaded) : [];
  using signals = abortOnSignals();
  using deadline = startDeadline({
    clock: systemClock,
    ms: options.timeout,
    what: 'the reading',
    signal: signals.signal,
  });
  const log = logTo(options.verbose ? 'debug' : 'warn');
  await using container = await openContainer(
    { loaded, env: process.env, clock: systemClock, log, push: false, besideStack: 'sessions' },
    signals,
  );
  await using sessions = container.openTargetSessions('invocation');
  const choice = { row, target, object: options.object, loaded };
  const chosen = await sessions.use(target, (session) => chooseItem(session, choice, deadline), deadline);
  const tried =
    asked === undefined
      ? await sessions.use(
          target,
          (session) => tryRow(session, { row, target, loaded, ...chosen }, deadline),
          deadline,
        )
      : await tryCommand(asked, { row, target, loaded, host: chosen.item, container }, deadline);
  const told = { ...tried, warnings: [...tried.warnings, ...adviceOf(row, chosen.isLeftOut, tried, loaded)] };
  if (options.json) print(JSON.stringify(told, undefined, 2));
  else print(describe(told, row));
  return tried.series.length > 0 ? 0 : 1;
}

/** What only the configuration tells: whether a sweep would push it, and where there is nothing, why that is likely. */
function adviceOf(
  row: MetricRow,
  isLeftOut: boolean,
  { series }: Pick<Tried, 'series'>,
  { config: { metrics } }: LoadedConfig,
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

function requireRow(name: string, { config }: LoadedConfig): MetricRow {
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
function requireQuestions({ name }: MetricRow, target: TargetConfig, { config }: LoadedConfig): SweptRows[] {
  const questions = toQuestions([name], config, target);
  if (questions.length > 0) return questions;
  throw new ConfigError('metrics try', [{ path: '', message: `${name}: ${inNoSweepOf(target.name)}` }]);
}

/** The one that is named, else the first that can be asked, if there is one by a sweep that has the metric. */
function requireTarget(name: string | undefined, row: MetricRow, { config }: LoadedConfig): TargetConfig {
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

/** The object by its name or managed object id, or the first; and those that labels may name. */
async function chooseItem(
  session: PollSession,
  {
    row,
    target,
    object,
    loaded,
  }: { row: MetricRow; target: TargetConfig; object: string | undefined; loaded: LoadedConfig },
  { signal }: { signal: AbortSignal },
): Promise<{ item: Item; isLeftOut: boolean; itemsOf: (kind: KindName) => readonly Item[] }> {
  const { metrics } = loaded.config;
  const kinds = [row.kind, ...Object.values(row.references ?? {}).flatMap(kindsOf)];
  const listed = await listInventory(
    session,
    {
      kinds,
      target: target.name,
      managementAddress: false,
      machineIdentity: metrics.preset.includes('otel'),
    },
    { signal },
  );
  const itemsOf = (kind: KindName): readonly Item[] =>
    kind === 'host' ? listed.hosts : (listed.others.get(kind)?.items ?? []);
  const items = itemsOf(row.kind);
  const chooses = row.isOwn === true ? chosenByNames(target, metrics.only) : () => true;
  const isChosen = (one: Item) => chooses(row.kind, one);
  const item =
    object === undefined
      ? (items.find(isChosen) ?? items[0])
      : items.find((one) => one.name === object || one.moref === object);
  if (item === undefined) {
    const nearest =
      object === undefined
        ? undefined
        : nearestName(
            object,
            items.map((one) => one.name),
          );
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    throw new ConfigError(target.name, [
      {
        path: '',
        message: `no ${row.kind} ${object === undefined ? 'is there' : `is called "${object}"`}${hint}`,
      },
    ]);
  }
  return { item, itemsOf, isLeftOut: !isChosen(item) };
}

/** By `metrics.only`, but for tags, which are read of a whole target. */
function chosenByNames({ name: target, site }: TargetConfig, only: OnlyConfig | undefined) {
  if (only === undefined) return () => true;
  const { tag: _read, ...byNames } = only;
  const chooses = compileOnly(byNames);
  return (kind: KindName, { name, facts }: Item) =>
    chooses(kind, { target, site, name, facts }, new Set<string>());
}

/** A host is asked by the lease and the turn of the sweep that has the metric. */
async function tryCommand(
  asked: SweptRows,
  of: { row: MetricRow; target: TargetConfig; loaded: LoadedConfig; host: Item; container: Container },
  options: { signal: AbortSignal },
): Promise<Tried> {
  const { row, target, loaded, host, container } = of;
  const { families, warnings } = await container.askHost(
    asked,
    { target, moref: host.moref, ms: MAX_TRY_MS },
    options,
  );
  const { esxcli, ssh } = loaded.config.metrics.own[row.name] ?? {};
  const command = esxcli === undefined ? ssh?.join(' ') : `esxcli ${esxcli}`;
  return {
    target: target.name,
    object: host.name,
    moref: host.moref,
    raw: command === undefined ? { probe: asked.probes.join(', ') } : { command },
    series: linesOf(families),
    warnings,
  };
}

const linesOf = (families: readonly Family[]): string[] =>
  printExposition(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

async function tryRow(
  session: PollSession,
  {
    row,
    target,
    loaded,
    item,
    itemsOf,
  }: {
    row: MetricRow;
    target: TargetConfig;
    loaded: LoadedConfig;
    item: Item;
    itemsOf: (kind: KindName) => readonly Item[];
  },
  { signal }: { signal: AbortSignal },
): Promise<Tried> {
  const { metrics } = loaded.config;
  const naming = createNaming(namedItems(target, itemsOf), metrics)(row);
  const definition = definitionOf(row, metrics);
  const type = item.type ?? findKind(row.kind).types[0] ?? '';
  let tried: Tried = {
    target: target.name,
    object: item.name,
    moref: item.moref,
    raw: {},
    series: [],
    warnings: [],
  };
  for await (const { raw, points, warnings } of readMetric(session, row, [{ type, moref: item.moref }], {
    signal,
  })) {
    const samples = points.flatMap(
      ({ labels, value }) => naming.ofPoint(item.moref, labels, value)?.sample ?? [],
    );
    tried = {
      ...tried,
      raw: Object.fromEntries(raw),
      series: linesOf([{ definition, samples }]),
      warnings,
    };
  }
  return tried;
}

const namedItems = (
  { name: target, site }: TargetConfig,
  itemsOf: (kind: KindName) => readonly Item[],
): NamedItems => {
  const all = (kind: KindName) =>
    itemsOf(kind).map((item): [string, NamedItem] => [
      item.moref,
      { target, site, name: item.name, facts: item.facts },
    ]);
  return {
    all,
    find: (kind, moref) => new Map(all(kind)).get(moref),
    refersTo: (reference, value) =>
      kindsOf(reference)
        .map((kind) => new Map(all(kind)).get(value))
        .find((one) => one !== undefined),
  };
};

/** A value of a large property is shown by its beginning. */
const MAX_SHOWN = 500;

function describe({ target, object, moref, raw, series, warnings }: Tried, row: MetricRow): string {
  const shown = Object.entries(raw).map(([path, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `  ${path} = ${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} … (${text.length} characters)` : text}`;
  });
  return [
    `${target}: ${row.kind} ${object} (${moref})`,
    'read:',
    ...(shown.length === 0 ? ['  nothing'] : shown),
    `made of it: ${row.help}`,
    ...(series.length === 0 ? ['no series'] : ['pushed as:', ...series.map((line) => `  ${line}`)]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}
