import type { MetricRow } from '../../catalogue/row.ts';
import { PROBE } from '../../catalogue/sources/probe.ts';
import type { Collector } from '../../collectors/collector.ts';
import { createCollectorRun } from '../../collectors/run-collectors.ts';
import { createWarningCounts, type WarningCount } from '../../collectors/warning-counts.ts';
import { type Probe, printProbe } from '../../esxi/session/probe.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { type BatchRequest, type BatchResult, EMPTY_RESULT } from '../batch.ts';
import { createColumns } from '../columns.ts';
import { failed } from '../outcome.ts';
import type { TargetSettings } from '../plan/target-settings.ts';
import { collectedBy, cutDetail, cutWarning } from './batch-result.ts';
import type { Probed } from './probe-host.ts';
import { type ProbeHostsDeps, probeHosts } from './probe-hosts.ts';

/** Asks hosts by ssh and evaluates the rows over what they say. Nothing of vCenter is in it. Never rejects. */
export async function askBatch(
  request: BatchRequest,
  { collectors, probes }: Pick<TargetSettings, 'collectors'> & { readonly probes: readonly Probe[] },
  deps: ProbeHostsDeps,
  deadline: Pick<Deadline, 'signal' | 'remainingMs'>,
): Promise<BatchResult> {
  const collecting = createCollectorRun(collectors, deps.clock);
  const columns = createColumns();
  const parts = toParts(collectors);
  const probed = await probeHosts(request, probes, deps, deadline);
  for (const [item, { moref }] of request.hosts.entries()) {
    const { session } = probed.get(moref) ?? {};
    if (session === undefined) continue;
    for (const rows of parts) {
      // Patterns of own metrics are matched against what the host printed, while hosts of other batches log in.
      if (rows !== undefined) await new Promise<void>((resolve) => setImmediate(resolve));
      for (const { row, points } of collecting.offer(PROBE, session.readings, rows))
        columns.add(item, row, points);
    }
    for (const { probe: name, why } of session.failed) {
      const probe = probes.find((one) => one.name === name) ?? { name };
      collecting.miss(PROBE, name, `${printProbe(probe)} failed: ${why}`);
    }
  }
  const collected = collectedBy(collecting.results());
  const all = Array.from(probed);
  return {
    ...EMPTY_RESULT,
    target: request.target,
    batch: request.batch,
    outcomes: request.hosts.map(({ moref }) => [moref, probed.get(moref)?.outcome ?? failed('worker')]),
    logins: all.flatMap(([moref, { login }]): BatchResult['logins'] =>
      login === undefined ? [] : [[moref, login]],
    ),
    pinned: all.flatMap(([moref, { pinned }]) => (pinned ? [moref] : [])),
    unconnected: all.flatMap(([moref, { unconnected }]) => (unconnected ? [moref] : [])),
    details: all.flatMap(([moref, { detail }]) => cutDetail(moref, detail)),
    families: columns.takeFamilies(),
    collectors: collected.collectors,
    warnings: [...collected.warnings, ...warningsOf(probed).map(cutWarning)],
  };
}

/** Rows that are evaluated at once: each own metric by itself, as its pattern may take half a second; else all. */
function toParts(collectors: readonly Collector[]): readonly (readonly MetricRow[] | undefined)[] {
  const rows = collectors.flatMap((one) => one.rows).filter(({ source }) => source.reader === PROBE);
  const { own = [], others = [] } = Object.groupBy(rows, ({ isOwn }) => (isOwn ? 'own' : 'others'));
  return own.length === 0 ? [undefined] : [others, ...own.map((row) => [row])];
}

/** What sessions found missing on hosts, each with the number of hosts. */
function warningsOf(probed: ReadonlyMap<string, Probed>): WarningCount[] {
  const counts = createWarningCounts();
  for (const { session } of probed.values())
    for (const text of session?.warnings ?? []) counts.add(`ssh: ${text}`);
  return counts.list();
}
