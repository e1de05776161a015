import { describeRow } from '../catalogue/describe.ts';
import { OTEL } from '../catalogue/otel/otel.ts';
import type { PresetName } from '../catalogue/presets.ts';
import type { MetricRow } from '../catalogue/row.ts';
import { COLLECTORS } from '../collectors/registry.ts';
import { formatTable } from './format-table.ts';
import { print, tableWidth } from './terminal.ts';

/** `vsweep metrics list`: every metric of every preset, or of one, with the collectors that have it and what it is made from. */
export async function metricsListCommand(options: { json: boolean; preset?: PresetName }): Promise<number> {
  const metrics = [...COLLECTORS.flatMap(({ rows }) => rows), ...OTEL]
    .filter(({ preset }) => options.preset === undefined || preset === options.preset)
    .map((row) => ({ collector: collectorsWith(row), ...describeRow(row) }));
  if (options.json) print(JSON.stringify(metrics, undefined, 2));
  else {
    const rows = metrics.map(({ collector, name, kind, help }) => [collector, kind, name, help]);
    print(
      formatTable(['collector', 'kind', 'metric', 'value'], rows, {
        width: tableWidth({ verbose: false }),
        details: true,
      }),
    );
  }
  return 0;
}

/** The names of those that collect it, or what it is made from: `host-performance, host-devices`. */
const collectorsWith = (row: MetricRow): string =>
  COLLECTORS.filter(({ rows }) => (row.source.of ?? [row]).some((one) => rows.includes(one)))
    .map(({ name }) => name)
    .join(', ');
