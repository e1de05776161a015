import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { blocksOf } from '../../unit/docs/pages.ts';

const PAGE = 'docs/adding-a-metric.md';
const repository = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** What the page's block says a file shall hold: its first line names the file. */
function written(path: string): string {
  for (const { text } of blocksOf(PAGE)) {
    const [first = '', ...rest] = text.split('\n');
    if (/^(?:\/\/|#) (.+)$/.exec(first)?.[1] === path) return rest.join('\n');
  }
  throw new Error(`${PAGE} has no block that begins with ${path}`);
}

/** A copy of the sources in which the steps of the page were taken. */
async function followPage(folder: string): Promise<void> {
  for (const path of ['lib', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'test/unit/collectors']) {
    await cp(join(repository, path), join(folder, path), { recursive: true });
  }
  for (const path of [
    'test/fixtures/collectors',
    'test/fixtures/presets',
    'test/fixtures/own-metric-faults.txt',
    'test/support/exposition.ts',
    'tools/lint-definitions.ts',
  ]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(repository, path), join(folder, path), { recursive: true });
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  for (const path of ['lib/catalogue/maintenance.ts', 'test/fixtures/collectors/maintenance-mode.prom']) {
    await writeFile(join(folder, path), written(path));
  }
  const registry = join(folder, 'lib/collectors/registry.ts');
  const [added, line] = written('lib/collectors/registry.ts').split('\n');
  const before = await readFile(registry, 'utf8');
  await writeFile(registry, `${added}\n${before.replace(/(?=^];$)/m, `${line}\n`)}`);
}

describe(PAGE, () => {
  // Copies, type checks and starts two processes on cores that others want.
  it('leads to a collector that compiles, passes the tests and sweeps', async () => {
    await using folder = await createTemporaryFolder('adding-a-metric');
    await followPage(folder.path);
    const bin = (name: string) => join(repository, 'node_modules', '.bin', name);
    const inCopy = { cwd: folder.path, env: { ...process.env, NO_COLOR: '1' } };
    await run(bin('tsc'), ['--project', '.'], inCopy);
    const [, command] =
      /^npx (vitest run .*)$/m.exec(
        blocksOf(PAGE)
          .map(({ text }) => text)
          .join(''),
      ) ?? [];
    const { stdout: tested } = await run(
      bin('vitest'),
      [...(command?.split(' ').slice(1) ?? []), '--reporter=verbose'],
      inCopy,
    );
    expect(tested).toMatch(/✓.* golden files > are what maintenance-mode makes of the objects/);

    await using fleet = await startDemoFleet({ pace: 'unhurried' });
    await using sweeping = await createTemporaryFolder('maintenance-mode');
    for (const [name, text] of Object.entries(fleet.files)) {
      // Without ssh, whose first contact goes in waves that leave a busy vCenter no time.
      const named = text.replace(/collectors: \[.*\]/, 'collectors: [overall-status, maintenance-mode]');
      await writeFile(join(sweeping.path, name), named, { mode: 0o600 });
    }
    const main = join(folder.path, 'lib/cli/main.ts');
    const swept = await run(process.execPath, [main, 'sweep', 'services', '--dry-run'], {
      cwd: sweeping.path,
    }).catch((error: { stdout: string; code: number }) => error);
    const shown =
      blocksOf(PAGE)
        .find(({ text }) => text.includes('{host_name="esx57'))
        ?.text.trim() ?? '';
    expect(shown).not.toBe('');
    for (const line of shown.split('\n')) expect(swept.stdout).toContain(`${line}\n`);
    const values = Array.from(
      swept.stdout.matchAll(/^vmware_host_in_maintenance_mode\{.*\} (\d)$/gm),
      ([, value]) => Number(value),
    );
    expect(values).toHaveLength(fleet.hosts.length);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(1);
  });
});
