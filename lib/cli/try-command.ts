import type { MetricRow } from '../catalogue/row.ts';
import { PROBE } from '../catalogue/sources/probe.ts';
import { ownCollector } from '../collectors/own/compile-own.ts';
import type { Config, SweepConfig, TargetConfig } from '../config/schema.ts';
import type { Item } from '../inventory/kind.ts';
import { printExposition } from '../metrics/encode-exposition.ts';
import type { createHeldSeries } from '../sinks/stdout/held-series.ts';
import { ok, printOutcome } from '../sweep/outcome.ts';
import type { TargetSummary } from '../sweep/result/summary.ts';
import { MAX_TRY_MS } from '../sweep/run/run-lease.ts';
import type { Container } from './container.ts';
import type { Tried } from './tried.ts';

/** An own metric that a command on each host is behind, and a sweep of nothing else. */
interface CommandToTry {
  readonly row: MetricRow;
  readonly sweep: SweepConfig;
  readonly command: string;
}

export function findCommand(name: string, { sweeps }: Pick<Config, 'sweeps'>): CommandToTry | undefined {
  for (const sweep of sweeps) {
    const metric = sweep.own?.metrics[name];
    if (sweep.own === undefined || metric === undefined) continue;
    const alone = { ...sweep, own: { ...sweep.own, metrics: { [name]: metric } } };
    const row = ownCollector(alone.own)?.rows.find((one) => one.name === name);
    if (row?.source.reader.name !== PROBE.name) return undefined;
    const command = metric.ssh === undefined ? `esxcli ${metric.esxcli}` : metric.ssh.join(' ');
    return { row, sweep: { ...alone, collectors: ['own'] }, command };
  }
  return undefined;
}

/**
 * Asks one host by a run that nobody is told of, with everything that guards its account: the lease of the sweep, the
 * record of refusals, the key of the host.
 */
export async function tryCommand(
  { row, sweep, command }: CommandToTry,
  {
    target,
    host,
    held,
    container,
  }: {
    target: TargetConfig;
    host: Item;
    held: Pick<ReturnType<typeof createHeldSeries>, 'families'>;
    container: Pick<Container, 'runSweep'>;
  },
  options: { signal: AbortSignal },
): Promise<Tried> {
  const order = {
    sweep: { ...sweep, targets: [target.name] },
    target: target.name,
    host: host.moref,
    // A run of the sweep waits for it no longer.
    remainingMs: MAX_TRY_MS,
  };
  const [summary] = (await container.runSweep(order, options)).targets;
  const families = held.families().filter(({ definition }) => definition.name === row.name);
  const series = families.length === 0 ? [] : printExposition(families).split('\n');
  return {
    target: target.name,
    object: host.name,
    moref: host.moref,
    raw: { command },
    series: series.filter((line) => line !== '' && !line.startsWith('#')),
    warnings:
      summary === undefined
        ? []
        : warningsOf(summary, host, series.length > 0).map((text) => text.replaceAll(OWN_PROBE, row.name)),
  };
}

/** The probe of a command has a name that nobody wrote. */
const OWN_PROBE = /the probe own-[0-9a-f]{12}\b/g;

/** What is wrong with the run as a whole is of interest where it has no series. */
function warningsOf(
  { status, problems, hosts, warnings }: TargetSummary,
  { moref }: Item,
  hasSeries: boolean,
): string[] {
  const host = hosts.find((one) => one.moref === moref);
  const outcome = host?.outcomes.ssh;
  return [
    ...(status === 'lease' ? ['the sweep of this metric is under way; try again when it is over'] : []),
    ...(outcome === undefined || outcome.kind === ok.kind
      ? []
      : [[printOutcome(outcome), ...(host?.details ?? [])].join(': ')]),
    ...(hasSeries ? [] : problems),
    ...warnings.map(({ text }) => text),
  ];
}
