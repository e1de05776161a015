import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROCESS_METRICS } from '../../../lib/cli/process-metrics.ts';
import { DASHBOARDS } from '../../../lib/monitoring/dashboards/all.ts';
import { judge } from '../../../lib/queries/judge.ts';
import type { World } from '../../../lib/queries/judgement.ts';
import { knownSeries } from '../../../lib/queries/known-series.ts';
import { dashboardFiles } from '../../../tools/dashboard-files.ts';
import { toGrafana } from '../../../tools/monitoring/grafana.ts';
import { readPage, tableRows } from '../docs/pages.ts';

const WORLD: World = {
  known: knownSeries(PROCESS_METRICS),
  recorded: new Set(),
  added: new Set(['job', 'instance', 'vsweep_part']),
};
const QUERIES = DASHBOARDS.flatMap(({ name, panels }) =>
  panels.flatMap(({ title, queries }) => queries.map((query) => ({ of: `${name}: ${title}`, ...query }))),
);

describe('the dashboards', () => {
  it.each([...dashboardFiles()])(
    'are in their files as they are now; npm run dashboards renews them: %s',
    (path, text) => {
      expect(readPage(path)).toBe(text);
    },
  );

  it('have no other file, and a line each in docs/dashboards.md', () => {
    const files = readdirSync(new URL('../../../dashboards', import.meta.url)).map(
      (name) => `dashboards/${name}`,
    );
    expect(files.toSorted()).toEqual([...dashboardFiles().keys()].toSorted());
    const named = tableRows(readPage('docs/dashboards.md')).map(
      ([name]) => /\(\.\.\/(.+)\)/.exec(name ?? '')?.[1],
    );
    expect(named.filter((one) => one !== undefined).toSorted()).toEqual(files.toSorted());
  });

  it.each(QUERIES)('ask for series that there are: $of: $expr', ({ expr, legend = '' }) => {
    expect(judge(expr, WORLD).findings).toEqual([]);
    for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
      expect(judge(expr, WORLD, { label }).findings, label).toEqual([]);
  });

  it('have the variables vcenter, site and cluster, and use no other than they have', () => {
    for (const { name, variables, panels } of DASHBOARDS) {
      const names = variables.map((one) => one.name);
      expect(names, name).toEqual(expect.arrayContaining(['vcenter', 'site', 'cluster']));
      const used = panels.flatMap(({ queries }) =>
        queries.flatMap(({ expr }) => Array.from(expr.matchAll(/\$(\w+)/g), ([, one]) => one)),
      );
      expect(names, name).toEqual(expect.arrayContaining([...new Set(used)]));
    }
  });

  it.each(QUERIES)('keep objects of one name in two vCenters apart: $of: $expr', ({ expr, legend = '' }) => {
    const names = /\{\{(?:cluster_name|ds_name|datastore|host_name|vm_name|resource_pool)\}\}/;
    if (names.test(legend)) expect(legend).toMatch(/^\{\{instance\}\} /);
    for (const [, labels = ''] of expr.matchAll(/ by \(([^)]*)\)/g))
      if (/cluster_name|ds_name|datastore|host_name|vm_name/.test(labels))
        expect(labels).toMatch(/^instance, dc_name, /);
  });

  it('average nothing over hosts, whose local datastores have one name', () => {
    expect(QUERIES.filter(({ expr }) => /\bavg\b/.test(expr))).toEqual([]);
  });

  it('say in their title that they show the top', () => {
    for (const { panels } of DASHBOARDS)
      for (const { title, queries } of panels) {
        const [, count] = /topk\((\d+)/.exec(queries.map(({ expr }) => expr).join(' ')) ?? [];
        expect(/, top (\d+)$/.exec(title)?.[1], title).toBe(count);
      }
  });

  it('have a row for each reason that a virtual machine needs care', () => {
    const [care] = QUERIES.filter(({ of }) => of.includes('Need an answer'));
    expect(Array.from(care?.expr.matchAll(/"reason", "([^"]+)"/g) ?? [], ([, reason]) => reason)).toEqual([
      'question pending',
      'consolidation needed',
      'no heartbeat',
    ]);
  });

  it('have panels that do not overlap, with ids of their own', () => {
    for (const { panels, uid } of DASHBOARDS.map(toGrafana)) {
      expect(new Set(panels.map(({ id }) => id)).size, uid).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
      );
      expect(new Set(cells).size, uid).toBe(cells.length);
      expect(
        panels.every(({ gridPos: { x, w } }) => x + w <= 24),
        uid,
      ).toBe(true);
    }
  });
});
