import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-process.ts';

describe('vsweep sweep', () => {
  it('goes over the fleet with its state open until the end, and pushes nothing in a dry run', {
    timeout: 180_000,
  }, async () => {
    await using fleet = await startDemoFleet({ pace: 'unhurried' });
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
