import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox, ROOT } from './sandbox.ts';

const BUILD = 'tools/build.cjs';

describe('tools/build.cjs', () => {
  it('makes JavaScript that imports JavaScript, one file of all of it, and leaves nothing of an earlier build', async () => {
    using checkout = createSandbox([BUILD, 'tsconfig.json', 'tsconfig.build.json']);
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout.folder, 'node_modules'));
    checkout.write(
      'lib/cli/main.ts',
      "import pLimit from 'p-limit';\nimport { answer } from '../platform/answer.ts';\nvoid pLimit(1)(async () => console.log(answer));\n",
    );
    checkout.write('lib/platform/answer.ts', 'export const answer: number = 42;\n');
    checkout.write('dist/cli/gone.js', '');
    expect(await checkout.run(BUILD)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const built = path.join(checkout.folder, 'dist/cli');
    expect(fs.readdirSync(built).sort()).toEqual(['LICENCES.txt', 'main.cjs', 'main.js']);
    expect(await checkout.run('dist/cli/main.js')).toMatchObject({ code: 0, stdout: '42\n' });
    fs.rmSync(path.join(built, 'main.js'));
    fs.rmSync(path.join(checkout.folder, 'node_modules'));
    expect(await checkout.run('dist/cli/main.cjs')).toMatchObject({ code: 0, stdout: '42\n' });
    const licences = fs.readFileSync(path.join(built, 'LICENCES.txt'), 'utf8');
    expect(licences).toContain('Sindre Sorhus');
    expect(licences.match(/Permission is hereby granted/g)).toHaveLength(2);
  });

  it('makes a file of ASCII, which V8 keeps in one byte per character, with the same meaning', async () => {
    using checkout = createSandbox([BUILD, 'tsconfig.json', 'tsconfig.build.json']);
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout.folder, 'node_modules'));
    checkout.write(
      'lib/cli/main.ts',
      "/* … */ const quotes = /['’😀]/gu;\nconsole.log('’a😀'.replace(quotes, `→$&`));\n",
    );
    expect(await checkout.run(BUILD)).toMatchObject({ code: 0, stderr: '' });
    expect(await checkout.run('dist/cli/main.cjs')).toMatchObject({ code: 0, stdout: '→’a→😀\n' });
    const code = fs.readFileSync(path.join(checkout.folder, 'dist/cli/main.cjs'), 'utf8');
    expect(code.match(/[^\0-\x7f]/g)).toBeNull();
  });

  it('fails when a file does not parse', async () => {
    using checkout = createSandbox([BUILD, 'tsconfig.json', 'tsconfig.build.json']);
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout.folder, 'node_modules'));
    checkout.write('lib/cli/main.ts', 'export const = 1;\n');
    const { code, stdout } = await checkout.run(BUILD);
    expect(code).not.toBe(0);
    expect(stdout).toContain('lib/cli/main.ts');
  });

  it('lets "npm ci --omit=dev" pass without a compiler, and fails when a build was asked for', async () => {
    using installed = createSandbox([BUILD]);
    expect(await installed.run(BUILD, ['--if-installed'])).toMatchObject({ code: 0 });
    const asked = await installed.run(BUILD);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('npm ci');
  });
});

describe('tools/require-node.cjs', () => {
  it('lets Node 24 and later pass and stops an older one with what to do', async () => {
    using checkout = createSandbox(['tools/require-node.cjs']);
    const run = async (version: string) => await checkout.run('tools/require-node.cjs', [], { version });
    expect(await run('24.0.0')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('26.1.0')).toMatchObject({ code: 0, stderr: '' });
    const old = await run('22.22.0');
    expect(old.code).toBe(2);
    expect(old.stderr).toContain('runs on 22.22.0');
  });
});
