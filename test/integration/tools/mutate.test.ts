import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, it, vi } from 'vitest';
import { createSandbox, ended, ROOT } from '../../unit/tools/sandbox.ts';

/** A line of a survivor: its place and mutator. */
const survivors = (stdout: string) => Array.from(stdout.matchAll(/^lib\/\S+:\d+: \w+/gm), ([line]) => line);

/**
 * Those of writer-thread.ts run in a thread without an environment, those of answering-thread.ts in one that ran before, those of loops.ts in a hook, for ever or when the
 * module is loaded, and what once.test.ts says a second time in its process is not believed. Those of words.ts are found by the unit tests of
 * another room, which come by it through a tool.
 */
it('names the changes that no test notices, and no change that the compiler refuses', async () => {
  using checkout = createSandbox(['tools', 'tsconfig.json']);
  fs.cpSync(path.join(ROOT, 'test/fixtures/mutate'), checkout.folder, { recursive: true });
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout.folder, 'node_modules'));
  checkout.write(
    'tools/mutate/known-survivors.ts',
    `export const KNOWN_SURVIVORS = [
      { file: 'lib/state/refusals.ts', was: 'gone', becomes: 'gone', kind: 'equivalent', why: 'for this test' },
    ];`,
  );
  const child = spawn(process.execPath, ['tools/mutate.ts', 'lib/state'], {
    cwd: checkout.folder,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { code, stdout } = await ended(child);
  // The loading of a thread that a hook starts is not tried with a mutant.
  const inLoading = 'lib/state/sqlite/answering-thread.ts:3: StringLiteral';
  expect(survivors(stdout), stdout).toEqual(['lib/state/refusals.ts:9: EqualityOperator', inLoading]);
  expect(stdout).toContain('passes once in a process" cannot be run again');
  expect(stdout).toContain('becomes: "return refusals <= LIMIT;"');
  expect(stdout).toContain(
    'known-survivors.ts: survives no more, drop it: lib/state/refusals.ts: gone => gone',
  );
  expect(code).toBe(1);
});

it.runIf(fs.existsSync('/proc/self/environ'))('leaves no worker behind when it is stopped', async () => {
  using checkout = createSandbox(['tools', 'tsconfig.json']);
  fs.cpSync(path.join(ROOT, 'test/fixtures/mutate'), checkout.folder, { recursive: true });
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout.folder, 'node_modules'));
  const child = spawn(process.execPath, ['tools/mutate.ts', 'lib/state'], {
    cwd: checkout.folder,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = ended(child);
  const journal = path.join(checkout.folder, '.mutate/journal.jsonl');
  await vi.waitFor(() => expect(fs.statSync(journal).size).toBeGreaterThan(0), { timeout: 100_000 });
  const plan = path.join(checkout.folder, '.mutate/plan.json');
  expect(processesOf(`=${plan}`)).not.toEqual([]);
  child.kill('SIGTERM');
  expect(await end).toMatchObject({ code: 130 });
  await vi.waitFor(() => expect(processesOf(`=${plan}`)).toEqual([]), { timeout: 10_000 });
});

/** Processes whose environment has a text. */
function processesOf(text: string): string[] {
  return fs.globSync('/proc/[0-9]*/environ').filter((file) => {
    try {
      return fs.readFileSync(file, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}
