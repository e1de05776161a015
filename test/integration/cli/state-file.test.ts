import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSmallFleet } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';

type SmallFleet = Awaited<ReturnType<typeof startSmallFleet>>;
const o = { signal: new AbortController().signal };

describe('vsweep state', () => {
  it('says that there is none, and makes none', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    for (const command of ['check', 'repair', 'accept-loss']) {
      const ended = await vsweep(fleet.folder, 'state', command);
      expect(ended).toMatchObject({ exitCode: 1, errors: expect.stringContaining('There is no state file') });
    }
    expect(existsSync(join(fleet.folder, 'state', 'state.sqlite'))).toBe(false);
  });

  it('says that a whole file is whole, and mends nothing of it', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await fleet.sweep();
    const checked = await vsweep(fleet.folder, 'state', 'check');
    expect(checked).toMatchObject({ exitCode: 0, errors: '' });
    expect(checked.output).toMatch(/^\d+ items, no damage\n$/);
    expect(JSON.parse((await vsweep(fleet.folder, 'state', 'repair', '--json')).output)).toMatchObject({
      sound: true,
      kept: null,
    });
  });

  it.each([
    [
      'a file that was cut off',
      async (fleet: SmallFleet, file: string) => {
        const bytes = await readFile(file);
        await fleet.sweep();
        await writeFile(file, bytes.subarray(0, 4_096));
      },
    ],
    [
      'a file whose log is gone, with what was acknowledged last',
      async (fleet: SmallFleet, file: string) => {
        const bytes = await readFile(file);
        {
          await using container = await fleet.open();
          await container.state.accounts.recordRefusal('root', fleet.addressOf(1), { version: 'v1' }, o);
        }
        await writeFile(file, bytes);
      },
    ],
  ] as const)(
    'says what %s has lost; no password goes to a host until somebody accepts that',
    async (_, lose) => {
      await using fleet = await startSmallFleet({ hosts: [{}] });
      await fleet.sweep();
      await lose(fleet, join(fleet.folder, 'state', 'state.sqlite'));
      const requests = () => fleet.esxi.authRequests(fleet.addressOf(1)).length;
      const before = requests();
      const logins = fleet.vcenter.stats.logins;

      const run = await vsweep(fleet.folder, 'sweep', 'services', '--dry-run');
      expect(run.exitCode).not.toBe(0);
      expect(run.output + run.errors).toContain('vsweep state check');
      const checked = await vsweep(fleet.folder, 'state', 'check');
      expect(checked).toMatchObject({
        exitCode: 1,
        output: expect.stringContaining('more items may be lost'),
      });
      const repaired = await vsweep(fleet.folder, 'state', 'repair');
      expect(repaired).toMatchObject({
        exitCode: 0,
        output: expect.stringContaining('vsweep state accept-loss'),
      });

      expect((await vsweep(fleet.folder, 'blacklist', 'list')).errors).toContain('vsweep state accept-loss');
      await fleet.sweep();
      expect(requests()).toBe(before);
      expect(fleet.vcenter.stats.logins).toBe(logins);
      expect(await vsweep(fleet.folder, 'state', 'accept-loss')).toMatchObject({ exitCode: 0 });
      expect(await fleet.sweep()).toMatchObject({ targets: [{ paths: { ssh: { ok: 1 } } }] });
      expect((await vsweep(fleet.folder, 'state', 'accept-loss')).output).toContain('nothing to accept');
    },
  );
});
