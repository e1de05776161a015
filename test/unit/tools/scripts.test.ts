import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox, ended, ROOT, type Sandbox } from './sandbox.ts';

const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<'start' | 'prepack', string>;
};

/** As npm runs a script: in a shell of its own, whose pid gets the signals that npm got. */
const runScript = (checkout: Sandbox, script: keyof typeof scripts) =>
  spawn('sh', ['-c', scripts[script]], { cwd: checkout.folder, stdio: ['ignore', 'pipe', 'pipe'] });

describe('package.json', () => {
  it('hands a signal for "npm start" on to the demo, which clears up', async () => {
    using checkout = createSandbox(['tools/require-node.cjs']);
    checkout.write(
      'lib/cli/main.ts',
      'process.on("SIGTERM", () => process.exit(7)); console.log("ready"); setInterval(() => undefined, 1000);',
    );
    const child = runScript(checkout, 'start');
    const end = ended(child);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 7, signal: null });
  });

  it('lets "npm pack" fail before "npm ci", rather than pack without dist/', async () => {
    using checkout = createSandbox(['tools/build.cjs']);
    const { code, stderr } = await ended(runScript(checkout, 'prepack'));
    expect(code).toBe(2);
    expect(stderr).toContain('npm ci');
  });
});
