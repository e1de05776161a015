import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));

/** The command in a process of its own, as an operator starts it. */
async function vsweep(folder: string, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { output, errors, exitCode };
}

describe('vsweep sweep', () => {
  it('goes over the fleet with its state open until the end, and pushes nothing in a dry run', async () => {
    await using fleet = await startDemoFleet();
    await using folder = await createTemporaryFolder('sweep-command');
    for (const [name, content] of Object.entries(fleet.files)) {
      await writeFile(join(folder.path, name), content, { mode: 0o600 });
    }
    const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'services', '--dry-run');
    expect(output).toContain('esxi_critical_service_status{site="demo-1a",hostsystem="esx48.example.org"');
    expect(errors).toMatch(/^ssh +60 +54 +3 +3$/m);
    expect(exitCode).toBe(3);
  });
});
