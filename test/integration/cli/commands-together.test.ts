import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { startSmallFleet } from '../sweep/small-fleet.ts';
import { start, vsweep } from './vsweep-process.ts';

async function nextLine(stream: Readable | null, pattern: RegExp): Promise<void> {
  if (stream === null) throw new RangeError('the process has no such stream');
  for await (const line of createInterface({ input: stream })) if (pattern.test(line)) return;
  throw new Error(`the process ended without a line like ${pattern}`);
}

describe('commands on one state folder', () => {
  it('work while vsweep run has it open, and after that is killed', async () => {
    await using fleet = await startSmallFleet({
      hosts: [{ behaviour: 'refuses-login' }, {}],
      every: '10s',
      more: 'exporter: { listen: "127.0.0.1:0" }\n',
    });
    const { child } = start(fleet.folder, 'run');
    await using _run = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') };
    await nextLine(child.stderr, /sweep services on vc1 .*status="swept"/);
    expect(await readdir(join(fleet.folder, 'state', 'open'))).toHaveLength(1);

    const refused = [{ user: 'vsweep', address: fleet.addressOf(1), refusals: 1 }];
    const listed = await vsweep(fleet.folder, 'blacklist', 'list', '--json');
    expect(JSON.parse(listed.output)).toMatchObject(refused);
    const swept = await vsweep(fleet.folder, 'sweep', 'services', '--json');
    expect(swept.errors).toBe('');
    // 0 when the run of the other process is under way at this moment.
    expect([0, 3]).toContain(swept.exitCode);

    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const afterwards = await vsweep(fleet.folder, 'blacklist', 'list', '--json');
    expect(JSON.parse(afterwards.output)).toMatchObject(refused);
    const lift = ['blacklist', 'lift', '--user', 'vsweep', '--counter-was-reset'];
    expect(await vsweep(fleet.folder, ...lift)).toMatchObject({ output: '1 lifted\n', exitCode: 0 });
    expect(await vsweep(fleet.folder, 'blacklist', 'list')).toMatchObject({
      output: 'no account has a refused login\n',
      exitCode: 0,
    });
  });
});
