import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { start } from './vsweep-process.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));

/** Runs its arguments on a terminal of their own, typed at by standard input; ends with their exit code. */
const ON_A_TERMINAL =
  'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) & 255)';
const hasTerminals = spawnSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode']).status === 0;
const KEY_INTERRUPT = '\x03';
/** Clears the line from the cursor on. */
const CLEAR = '\x1b[K';

/** `vsweep demo --once` on a terminal, told to end while the hosts are asked; its temporary folders go to `folder`. */
async function endInTheMiddle(folder: string, end: (demo: ReturnType<typeof spawnDemo>) => void) {
  const demo = spawnDemo(folder);
  let output = '';
  demo.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const closed = once(demo, 'close');
  await pollUntil('hosts are asked', () => /\d+ of 60 hosts/.test(output) || undefined, {
    timeoutMs: 60_000,
    everyMs: 10,
  });
  expect(await readdir(folder)).not.toEqual([]);
  end(demo);
  const [exitCode] = await closed;
  return { exitCode, output, left: await readdir(folder) };
}

async function outputOf(demo: ReturnType<typeof spawnDemo>): Promise<string> {
  const [output] = await Promise.all([text(demo.stdout), once(demo, 'close')]);
  return output.replaceAll(CLEAR, '<clear>');
}

function spawnDemo(folder: string) {
  // A new terminal has no size.
  const sized = ['sh', '-c', 'stty cols 80 rows 40; exec "$0" "$@"'];
  const command = [...sized, process.execPath, MAIN, 'demo', '--once'];
  const env = {
    ...process.env,
    TMPDIR: folder,
    CI: undefined,
    NO_COLOR: undefined,
    TERM: 'xterm',
  };
  return spawn('python3', ['-c', ON_A_TERMINAL, ...command], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

describe.skipIf(!hasTerminals)('vsweep on a terminal (needs python3)', () => {
  it('shows a bar that is gone when the summary comes, in which every line fits', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-terminal-'));
    const output = await outputOf(spawnDemo(folder.path));
    expect(output).toMatch(/\r[█░]{10,40} +\d+ % {2}\d+ of 60 hosts {2}0:\d\d<clear>/);
    const [, summary = ''] = output.split(/\r<clear>(?=sweep )/);
    const lines = summary.split('\r\n');
    expect(summary).not.toContain('<clear>');
    const row = 'esx40.example.org  ok       \x1b[31mfailed(connection-refused)\x1b[39m';
    expect(lines).toContain(row);
    expect(lines).toContain(
      '    connection failed (ECONNREFUSED); check that the ssh service is started and',
    );
    const seen = lines.map((line) => stripVTControlCharacters(line).length);
    expect(Math.max(...seen)).toBeLessThanOrEqual(80);
  });

  it('ends with its summary and clears up when Ctrl-C is pressed', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-terminal-'));
    const { exitCode, output, left } = await endInTheMiddle(folder.path, (demo) =>
      demo.stdin.write(KEY_INTERRUPT),
    );
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
    expect(output).toContain('stopped by a signal');
  });

  it('clears up when the terminal is closed in the middle', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-terminal-'));
    await endInTheMiddle(folder.path, (demo) => demo.kill('SIGKILL'));
    await pollUntil(
      'its folder is gone',
      async () => (await readdir(folder.path)).length === 0 || undefined,
      {
        timeoutMs: 60_000,
      },
    );
  });
});

describe('vsweep, when its terminal is closed', () => {
  it('ends as it was asked to, and clears up', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-terminal-'));
    const { child, ended } = start({ folder: folder.path, env: { TMPDIR: folder.path } }, 'demo', '--once');
    await pollUntil('its folder is there', async () => (await readdir(folder.path)).length > 0 || undefined, {
      timeoutMs: 60_000,
      everyMs: 10,
    });
    child.kill('SIGHUP');
    expect((await ended).exitCode).toBe(1);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
