import { describeRow } from '../catalogue/describe.ts';
import { OTEL } from '../catalogue/otel/otel.ts';
import type { PresetName } from '../catalogue/presets.ts';
import type { MetricRow } from '../catalogue/row.ts';
import { compileOwn } from '../collectors/own/compile-own.ts';
import { COLLECTORS } from '../collectors/registry.ts';
import { OWN_COLLECTOR } from '../config/own-sweeps.ts';
import { formatTable } from './format-table.ts';
import { loadConfig } from './load-config.ts';
import { ownMetricsOf } from './metrics-check.ts';
import { print, tableWidth } from './terminal.ts';

/** `vsweep metrics list`: every metric of every preset, or of one, with the collectors that have it and what it is made from. */
export async function metricsListCommand(options: {
  json: boolean;
  preset?: PresetName;
  config?: string;
}): Promise<number> {
  const own = options.config === undefined ? [] : await ownRows(options.config);
  const metrics = [...own, ...COLLECTORS.flatMap(({ rows }) => rows), ...OTEL]
    .filter(({ preset }) => options.preset === undefined || preset === options.preset)
    .map((row) => ({
      collector: row.isOwn === true ? OWN_COLLECTOR : collectorsWith(row),
      ...describeRow(row),
    }));
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

const ownRows = async (file: string): Promise<readonly MetricRow[]> =>
  ownMetricsOf(await loadConfig(file, process.env)).flatMap((own) => compileOwn(own) ?? []);

/** The names of those that collect it, or what it is made from: `host-performance, host-devices`. */
const collectorsWith = (row: MetricRow): string =>
  COLLECTORS.filter(({ rows }) => (row.source.of ?? [row]).some((one) => rows.includes(one)))
    .map(({ name }) => name)
    .join(', ');
