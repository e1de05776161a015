import type { MetricRow } from '../lib/catalogue/row.ts';
import { derived } from '../lib/catalogue/sources/property.ts';
import { collector } from '../lib/collectors/collector.ts';
import type { Item } from '../lib/inventory/kind.ts';
import { EMPTY_RESULT } from '../lib/sweep/batch.ts';
import { createColumns } from '../lib/sweep/columns.ts';
import { ok } from '../lib/sweep/outcome.ts';

/** Numbers of virtual machines, as a sweep of an inventory reads them. */
export const rowsOf = (count: number): MetricRow[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `vmware_vm_number_${index}_average`,
    help: 'A number of a virtual machine',
    unit: 'number',
    kind: 'vm',
    source: derived([`summary.quickStats.number${index}`], () => ({ points: [], warnings: [] })),
    labels: [],
    preset: 'vmware_exporter',
    privilege: 'System.Read',
    since: '2.0',
  }));

export const machines = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => ({
    moref: `vm-${1_000 + index}`,
    name: `web${index}.region-1.example.org`,
    facts: {
      host: `esx${index % 200}.example.org`,
      cluster: `cluster-${index % 10}`,
      datacenter: 'bench',
      datastore: `vol-${index % 40}`,
    },
  }));

/** What a worker found of some of them: as many different numbers as there are series. */
export function machineResult(batch: number, items: readonly Item[], rows: readonly MetricRow[]) {
  const columns = createColumns();
  for (const [place] of items.entries())
    for (const [index, row] of rows.entries())
      columns.add(place, row, [{ labels: [], value: numberOf(batch, place, index) }]);
  return {
    ...EMPTY_RESULT,
    target: 'vc-bench.example.org',
    batch,
    outcomes: items.map(({ moref }): [string, typeof ok] => [moref, ok]),
    families: columns.takeFamilies(),
    collectors: [{ name: 'machines', success: true, durationMs: 1 }],
  };
}

export const collectorOf = (rows: readonly MetricRow[]) => collector('machines', rows);

/** Spread over six decimal places, as those of counters are, and the same in each run. */
const numberOf = (batch: number, place: number, index: number): number =>
  ((batch * 7_919 + place * 104_729 + index * 1_299_709) * 48_271) % 1_000_003;
