import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startStateProcess } from './start-state-process.ts';

const endpoint = (number: number) => `esx${number}:22`;
/** About a kilobyte that cannot be compressed, so that the table is full after some dozens. */
const blob = (number: number) =>
  createHash('shake256', { outputLength: 700 }).update(String(number)).digest('base64');

describe('a state folder on a full disk', () => {
  it('refuses what it cannot keep, and loses nothing that it kept', async () => {
    await using folder = await createTemporaryFolder('disk-full');
    const path = join(folder.path, 'state');
    await (await startStateProcess(path)).close();
    const kept: number[] = [];
    {
      // A file that may not grow stands for a disk without room: write(2) fails in the same place.
      await using full = await startStateProcess(path, {}, { fileBlocks: 64 });
      let refusal: unknown;
      for (let number = 0; number < 120 && refusal === undefined; number += 1) {
        await full.call('pin', endpoint(number), blob(number)).then(
          () => kept.push(number),
          (code: unknown) => {
            refusal = code;
          },
        );
      }
      expect(refusal).toBe('unavailable');
      expect(kept.length).toBeGreaterThan(0);
    }
    await using roomy = await startStateProcess(path);
    for (const number of kept) {
      const pinned = await roomy.call('pin', endpoint(number), blob(201));
      expect(pinned).toMatchObject({ blob: blob(number) });
    }
    expect(await roomy.call('pin', endpoint(200), blob(200))).toBeTruthy();
  });
});
