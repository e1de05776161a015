import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../../lib/monitoring/dashboards/all.ts';
import { toGrafana } from '../../../tools/monitoring/grafana.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/**
 * Grafana's schema is published as types. The words of its enumerations are texts in JSON, which TypeScript tells from
 * the enumeration: `Plain` takes their values. Panels are held against the types of their options, too.
 */
const HEADER = `import type { Dashboard } from '@grafana/schema';
import type { Options as stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as table } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as timeseries } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
type Plain<T> = T extends string ? \`\${T}\` : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
`;

type Grafana = ReturnType<typeof toGrafana>;

/** Lines of a file that compiles if the dashboards are as the types say: one for each, and one for each panel. */
const toLines = (dashboards: readonly Grafana[]): string[] =>
  dashboards.flatMap((one, at) => [
    `export const d${at}: Plain<Dashboard> = ${JSON.stringify(one)};`,
    ...one.panels.map(
      ({ type, options }, index) =>
        `export const o${at}_${index}: Plain<Partial<${type}>> = ${JSON.stringify(options)};`,
    ),
  ]);

/** What the compiler says of the lines, each with its number from 0; nothing if they compile. */
async function compile(lines: readonly string[]): Promise<{ line: number; text: string }[]> {
  await using folder = await createTemporaryFolder('dashboard-schema');
  await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  await writeFile(join(folder.path, 'dashboards.ts'), HEADER + lines.join('\n'));
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', types: [] };
  await writeFile(
    join(folder.path, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['dashboards.ts'] }),
  );
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  const said = await run(join(ROOT, 'node_modules/.bin/tsc'), ['--pretty', 'false'], {
    cwd: folder.path,
  }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? String(error),
  );
  const before = HEADER.split('\n').length;
  return said
    .split('\n')
    .filter((text) => /error/.test(text))
    .map((text) => ({ line: Number(/\((\d+),/.exec(text)?.[1]) - before, text }));
}

const GRAFANA = DASHBOARDS.map(toGrafana);

describe('the dashboards', () => {
  it("are as Grafana's published schema says", async () => {
    expect(await compile(toLines(GRAFANA))).toEqual([]);
  });

  it('would be found, if they had a field or a word that the schema does not know', async () => {
    const [first] = GRAFANA;
    const [panel] = first?.panels ?? [];
    if (first === undefined || panel === undefined) throw new Error('there is no panel');
    const color = { mode: 'rainbow' };
    const odd = [
      { ...first, panels: [], graphTooltips: 1 },
      { ...first, panels: [], schemaVersion: '39' },
      { ...first, panels: [{ ...panel, gridPos: { x: 0, y: 0, w: 4 } }] },
      { ...first, panels: [{ ...panel, fieldConfig: { defaults: { color }, overrides: [] } }] },
      { ...first, panels: [{ ...panel, options: { ...panel.options, colorMode: 'loud' } }] },
    ];
    const lines = toLines(odd as unknown as typeof GRAFANA);
    const faulty = new Set((await compile(lines)).map(({ line }) => lines[line]?.slice(13, 18)));
    expect([...faulty].map((name) => name?.replace(/:.*/, '')).toSorted()).toEqual([
      'd0',
      'd1',
      'd2',
      'd3',
      'o4_0',
    ]);
  });
});
