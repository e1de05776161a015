import type { NamedItem } from '../catalogue/presets.ts';
import { definitionOf, kindsOf, type MetricRow } from '../catalogue/row.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import type { TargetConfig } from '../config/schema.ts';
import type { Item, KindName } from '../inventory/kind.ts';
import { findKind } from '../inventory/kinds.ts';
import { listInventory } from '../inventory/list-inventory.ts';
import { systemClock } from '../platform/clock.ts';
import { startDeadline } from '../platform/deadline.ts';
import { isAskedOfHost } from '../poll/ask-host.ts';
import type { PollSession } from '../poll/method.ts';
import { readMetric } from '../poll/read-metric.ts';
import type { NamedItems } from '../sweep/result/named-items.ts';
import { createNaming } from '../sweep/result/naming.ts';
import { MAX_TRY_MS } from '../sweep/run/run-lease.ts';
import { type Container, openContainer } from './container.ts';
import type { SweptRows } from './host-questions.ts';
import { loadConfig } from './load-config.ts';
import { refuseRunsBesideStack } from './stack-state.ts';
import { abortOnSignals, logTo, print } from './terminal.ts';
import { describeTried, linesOf, type Tried } from './tried.ts';
import { adviceOf, findItem, requireQuestions, requireRow, requireTarget } from './try-choice.ts';

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
  else print(describeTried(told, row));
  return tried.series.length > 0 ? 0 : 1;
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
  return { itemsOf, ...findItem(itemsOf(row.kind), { row, target, object }, metrics) };
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
