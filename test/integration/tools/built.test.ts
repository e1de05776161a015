import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox, ROOT } from '../../unit/tools/sandbox.ts';

/** The demo asks hosts that answer nothing for eight seconds, on a machine that other tests use, too. */
const DEMO_MS = 120_000;
const BUILT = ['bin/vsweep.cjs', 'dist/cli/main.cjs', 'dist/cli/writer-thread.cjs'];

describe('the files that the package holds', () => {
  it(
    'sweep a fleet, with the state’s thread and what is loaded from other packages',
    async () => {
      using checkout = createSandbox([
        'bin',
        'lib',
        'tools/build.cjs',
        'tsconfig.json',
        'tsconfig.build.json',
      ]);
      symlinkSync(join(ROOT, 'node_modules'), join(checkout.folder, 'node_modules'));
      expect(await checkout.run('tools/build.cjs')).toMatchObject({ code: 0, stderr: '' });
      using installed = createSandbox([]);
      for (const file of BUILT) cpSync(join(checkout.folder, file), join(installed.folder, file));
      installed.write('package.json', readFileSync(join(ROOT, 'package.json'), 'utf8'));
      symlinkSync(join(ROOT, 'node_modules'), join(installed.folder, 'node_modules'));
      const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
      expect(await installed.run('bin/vsweep.cjs', ['--version'])).toMatchObject({ stdout: `${version}\n` });
      const { code, stdout } = await installed.run('bin/vsweep.cjs', ['demo', '--once']);
      expect(stdout).toContain('every host has the expected outcome');
      expect(code).toBe(0);
    },
    DEMO_MS,
  );
});
