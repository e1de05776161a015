// Dashboards for Grafana, made from lib/monitoring/dashboards: `npm run dashboards` after a change.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DASHBOARDS } from '../lib/monitoring/dashboards/all.ts';
import { toGrafana } from './monitoring/grafana.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** By its path in the repository. */
export const dashboardFiles = (): ReadonlyMap<string, string> =>
  new Map(
    DASHBOARDS.map((one) => [
      `dashboards/${one.name}.json`,
      `${JSON.stringify(toGrafana(one), undefined, 2)}\n`,
    ]),
  );

if (import.meta.main) {
  for (const [path, text] of dashboardFiles()) {
    mkdirSync(dirname(resolve(ROOT, path)), { recursive: true });
    writeFileSync(resolve(ROOT, path), text);
  }
}
