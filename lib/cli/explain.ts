import { describeRow } from '../catalogue/describe.ts';
import { ConfigError } from '../config/errors.ts';
import { THEMES } from '../monitoring/alerts/alert.ts';
import { ALERTS } from '../monitoring/alerts/rule-files.ts';
import { fillIn } from '../monitoring/alerts/thresholds.ts';
import { DASHBOARDS } from '../monitoring/dashboards/all.ts';
import { nearestNames } from '../platform/nearest-name.ts';
import { judge } from '../queries/judge.ts';
import { printValues } from '../queries/judgement.ts';
import type { KnownSeries } from '../queries/known-series.ts';
import { seriesKnownTo } from './known-to-config.ts';
import { costOf } from './reader-costs.ts';
import { print } from './terminal.ts';

type Known = ReadonlyMap<string, KnownSeries>;

/** `vsweep explain <series>`: where a series comes from, what it needs and costs, and who asks for it. */
export async function explainCommand(
  name: string,
  { config, json }: { config?: string; json: boolean },
): Promise<number> {
  const known = await seriesKnownTo(config, undefined);
  const series = known.get(name);
  if (series === undefined) throw unknownSeries(name, known, config);
  const explained = { ...describe(series), ...usesOf(name, known) };
  print(json ? JSON.stringify(explained, undefined, 2) : printFields(explained));
  return 0;
}

function describe({ name, help, labels, closed, values, collectors, requires, row }: KnownSeries) {
  const common = {
    name,
    help,
    labels,
    labelValues: closed,
    values: printValues(values),
    ...(requires === undefined ? {} : { requires }),
  };
  if (row === undefined) return { ...common, source: 'vsweep itself', cost: 'none' };
  const { unit, kind, reader, needs, privilege, since, preset, noSample } = describeRow(row);
  return {
    ...common,
    unit,
    per: kind,
    noSample,
    collectors,
    preset,
    source: `${reader}: ${needs.join(', ')}`,
    privilege,
    since,
    cost: costOf(row.source.reader),
  };
}

/** The alerts and dashboards of vsweep whose expressions ask for it. */
function usesOf(name: string, known: Known) {
  const world = { known, recorded: new Set<string>(), added: new Set<string>() };
  const asksFor = (expr: string) => judge(expr, world).series.some((one) => one.name === name);
  return {
    alerts: THEMES.flatMap((theme) => ALERTS[theme])
      .filter(({ expr }) => asksFor(fillIn(expr)))
      .map((alert) => alert.name),
    dashboards: DASHBOARDS.flatMap(({ title, panels, variables }) => [
      ...variables.filter(({ series }) => asksFor(series)).map((one) => `${title}: variable ${one.name}`),
      ...panels
        .filter(({ queries }) => queries.some(({ expr }) => asksFor(expr)))
        .map((panel) => `${title}: ${panel.title}`),
    ]),
  };
}

/** What stands before each field where its own name says too little. */
const WORDS: Readonly<Record<string, string>> = {
  labelValues: 'values of labels',
  requires: 'needs in vsweep.yaml',
  noSample: 'no sample',
  since: 'since vSphere',
};

type Field = string | readonly string[] | KnownSeries['closed'];

const printFields = (fields: Readonly<Record<string, Field>>): string =>
  Object.entries(fields)
    // Most labels can have any value.
    .filter(([name, value]) => name !== 'labelValues' || Object.keys(value).length > 0)
    .map(([name, value]) => `${WORDS[name] ?? name}: ${printField(value) || 'none'}`)
    .join('\n');

function printField(value: Field): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.join(', ');
  return Object.entries(value)
    .map(([label, words]) => `${label} is ${words.map((word: string) => word || '""').join(', ')}`)
    .join('; ');
}

function unknownSeries(name: string, known: Known, config: string | undefined): ConfigError {
  const near = nearestNames(name, known.keys());
  const names =
    near.length === 0 ? '`vsweep metrics list` shows all' : `the nearest names are ${near.join(', ')}`;
  const own = config === undefined ? '; own metrics are known with `--config <path>`' : '';
  const hint = name.includes('{') ? 'leave out the labels in braces' : `${names}${own}`;
  return new ConfigError('the command line', [
    { path: '<series>', message: `vsweep has no series ${JSON.stringify(name.slice(0, 200))}; ${hint}` },
  ]);
}
