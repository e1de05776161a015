import { mkdtempDisposable, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markKernel } from '../../../lib/state/sqlite/one-kernel.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('the mark of a process that has the state open', () => {
  it('is touched every 30 s, so that another kernel knows it lives, and goes with it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const clock = createManualClock();
    const path = join(folder.path, 'open', 'here.1');
    const touchedAt = async () => (await stat(path)).mtimeMs;
    {
      const kernel = { bootId: 'here', bootedAt: 0 };
      using _mark = markKernel(folder.path, { kernel, clock, randomId: () => '1' });
      const first = await touchedAt();
      for (let times = 1; times <= 3; times += 1) {
        await expect.poll(() => clock.nextInMs()).toBe(30_000);
        clock.advance(30_000);
        await expect.poll(touchedAt).toBe(first + times * 30_000);
      }
    }
    expect(await readdir(join(folder.path, 'open'))).toEqual([]);
    expect(clock.sleepers()).toBe(0);
  });
});
