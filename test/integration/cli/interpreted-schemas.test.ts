import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-process.ts';

const run = promisify(execFile);
const CONFIG = `targets:
  - { name: vc01.example.org, url: "https://vc01.example.org/sdk", credentials: { file: vcenter.yaml } }
sweeps:
  - { name: inventory, every: 5m, collectors: [hosts] }
`;

/** Loaded before a program: says so whenever zod makes code of a text. ssh2 makes a number in that way. */
const WATCH = `const { writeSync } = require('node:fs');
globalThis.Function = new Proxy(Function, {
  construct(made, texts) {
    if (new Error().stack.includes('zod')) writeSync(2, 'code was made of a schema\\n');
    return Reflect.construct(made, texts);
  },
});
`;
const SCHEMA = `const z = require(process.argv[1]); z.object({ a: z.string() }).parse({ a: '' });`;

it('a command makes no code of schemas, which takes longer than to interpret them', async () => {
  await using folder = await createTemporaryFolder('interpreted');
  const watch = join(folder.path, 'watch.cjs');
  await writeFile(join(folder.path, 'vsweep.yaml'), CONFIG);
  await writeFile(watch, WATCH);
  const env = { NODE_OPTIONS: `--require ${watch}` };
  const check = await vsweep({ folder: folder.path, env }, 'config', 'check');
  expect(check.output).toContain('1 target');
  expect([check.exitCode, check.errors]).toEqual([0, expect.not.stringContaining('code was made')]);
  const zod = createRequire(import.meta.url).resolve('zod');
  const compiling = await run(process.execPath, ['--require', watch, '-e', SCHEMA, zod]);
  expect(compiling.stderr).toContain('code was made');
});
