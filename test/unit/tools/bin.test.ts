import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox, ended, type Sandbox } from './sandbox.ts';

const BIN = 'bin/vsweep.cjs';
const OLD = { version: '20.20.2' };

function createInstallation(mainText: string): Sandbox {
  const sandbox = createSandbox([BIN]);
  sandbox.write('dist/cli/main.cjs', mainText);
  return sandbox;
}

const PRINT_ARGUMENTS = 'console.log(JSON.stringify([process.versions.node, ...process.argv.slice(2)]));';
const RUN_UNTIL_SIGNAL = 'console.log("ready"); setInterval(() => undefined, 1000);';

describe('bin/vsweep.cjs on Node 24', () => {
  it('runs dist/ with the arguments', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    const { code, stdout } = await installed.run(BIN, ['sweep', 'two words']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([process.versions.node, 'sweep', 'two words']);
  });

  it('ends with 1 and the stack when dist/ throws while it is loaded', async () => {
    using installed = createInstallation('throw new Error("no good");');
    const { code, stderr } = await installed.run(BIN);
    expect(code).toBe(1);
    expect(stderr).toContain('no good');
  });

  it('says what to do when dist/ was not built', async () => {
    using installed = createSandbox([BIN]);
    const { code, stderr } = await installed.run(BIN);
    expect(code).toBe(2);
    expect(stderr).toContain('run "npm ci"');
  });
});

describe('what Node compiled of vsweep', () => {
  const COMPILED = '.cache/vsweep/compiled';
  const linkElsewhere = (folder: string) => {
    renameSync(folder, `${folder}-elsewhere`);
    symlinkSync(`${folder}-elsewhere`, folder);
  };

  /** Starts vsweep where all folders above the sandbox are safe, whatever this machine has, and one may be another user's. */
  const run = (
    installed: Sandbox,
    { ofOther = '', env }: { ofOther?: string; env?: Readonly<Record<string, string>> } = {},
  ) => {
    installed.write(
      'owners.cjs',
      `const fs = require('node:fs');
       const { lstatSync } = fs;
       fs.lstatSync = (file, options) => {
         const found = lstatSync(file, options);
         if (!file.startsWith(__dirname)) Object.assign(found, { uid: 0, mode: 0o40755 });
         if (file === ${JSON.stringify(ofOther)}) found.uid += 1;
         return found;
       };`,
    );
    return installed.run(BIN, [], { preload: 'owners.cjs', ...(env === undefined ? {} : { env }) });
  };

  it('is kept for the next start in a folder that is the user’s alone', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    await run(installed);
    const folder = join(installed.folder, COMPILED);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(1);
  });

  it.each([
    ['that others may write', (folder: string) => chmodSync(folder, 0o777)],
    ['that others may read', (folder: string) => chmodSync(folder, 0o755)],
    ['that is a link', linkElsewhere],
  ])('is not kept in a folder %s, and vsweep runs', async (_what, spoil) => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    const folder = join(installed.folder, COMPILED);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    spoil(folder);
    expect(await run(installed)).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['others may write and so replace what is in it', (folder: string) => chmodSync(folder, 0o777)],
    ['is a link', linkElsewhere],
  ])('is not kept below a folder that %s, and vsweep runs', async (_what, spoil) => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    const folder = join(installed.folder, COMPILED);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    spoil(join(installed.folder, '.cache'));
    expect(await run(installed)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not kept below a folder of another user, where nothing is made', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    expect(await run(installed, { ofOther: installed.folder })).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(installed.folder, '.cache'))).toBe(false);
  });

  it('is kept in a folder that others may write, but not replace', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    const shared = join(installed.folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    await run(installed, { env: { XDG_CACHE_HOME: join(shared, 'caches') } });
    expect(readdirSync(join(shared, 'caches/vsweep/compiled')).length).toBeGreaterThan(0);
  });

  it('is not kept in a folder that depends on where vsweep is started', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    expect(await run(installed, { env: { XDG_CACHE_HOME: 'caches' } })).toMatchObject({ code: 0 });
    expect(existsSync(join(installed.folder, 'caches'))).toBe(false);
  });

  // Without HOME, os.homedir() asks the list of users, and throws where that has no such user: ERR_SYSTEM_ERROR, ENOENT.
  it('is not kept of a user without a home, and vsweep runs', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    installed.write('homeless.cjs', "require('node:os').homedir = () => { throw new Error('ENOENT'); };");
    const started = await installed.run(BIN, ['--help'], { preload: 'homeless.cjs' });
    expect(started).toMatchObject({ code: 0, stderr: '' });
    expect(started.stdout).toContain('--help');
  });

  it('is not kept where no folder can be made, and vsweep runs', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    installed.write('.cache', 'a file');
    expect(await run(installed)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('bin/vsweep.cjs on an older Node', () => {
  it('goes on in the packaged Node 24 with the same arguments and standard input', async () => {
    using installed = createInstallation(`${PRINT_ARGUMENTS} process.stdin.pipe(process.stdout);`);
    installed.installNode();
    const child = installed.start(BIN, ['--version', '*'], OLD);
    child.stdin?.end('typed in');
    const { code, stdout } = await ended(child);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `["${process.versions.node}","--version","*"]\ntyped in`,
    });
  });

  it('ends with the exit code of the packaged Node', async () => {
    using installed = createInstallation('process.exitCode = 3;');
    installed.installNode();
    expect(await installed.run(BIN, [], OLD)).toMatchObject({ code: 3, signal: null });
  });

  it('dies by the signal that the packaged Node died by', async () => {
    using installed = createInstallation('process.kill(process.pid, "SIGKILL"); setInterval(() => 1, 1000);');
    installed.installNode();
    expect(await installed.run(BIN, [], OLD)).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('hands %s on, once', async (signal) => {
    using installed = createInstallation(
      `let times = 0; process.on("${signal}", () => { times += 1; setTimeout(() => process.exit(times), 100); });` +
        RUN_UNTIL_SIGNAL,
    );
    installed.installNode();
    const child = installed.start(BIN, [], OLD);
    const end = ended(child);
    if (child.stdout) await once(child.stdout, 'data');
    child.kill(signal);
    expect(await end).toMatchObject({ code: 1, signal: null });
  });

  it('dies by a signal that vsweep does not handle', async () => {
    using installed = createInstallation(RUN_UNTIL_SIGNAL);
    installed.installNode();
    const child = installed.start(BIN, [], OLD);
    const end = ended(child);
    if (child.stdout) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('says what to install when there is no packaged Node', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    const { code, stdout, stderr } = await installed.run(BIN, [], OLD);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('needs Node 24 and runs on 20.20.2');
  });

  it('says what to install when the packaged Node does not start', async () => {
    using installed = createInstallation(PRINT_ARGUMENTS);
    installed.installNode('made for another machine');
    const { code, stderr } = await installed.run(BIN, [], OLD);
    expect(code).toBe(2);
    expect(stderr).toContain('does not start');
    expect(stderr).toContain('Install Node 24');
  });
});
