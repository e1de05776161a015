import { describeRow } from '../catalogue/describe.ts';
import { COLLECTORS } from '../collectors/registry.ts';
import { formatTable } from './format-table.ts';
import { print, tableWidth } from './terminal.ts';

/** `vsweep metrics list`: every metric of every collector, with what it is made from. */
export async function metricsListCommand(options: { json: boolean }): Promise<number> {
  const metrics = COLLECTORS.flatMap(({ name: collector, rows }) =>
    rows.map((row) => ({ collector, ...describeRow(row) })),
  );
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
