import { describe, expect, it } from 'vitest';
import { eachAtOnce } from '../../../lib/platform/at-once.ts';

describe('eachAtOnce', () => {
  it('does the work of all, and never of more at once than may be', async () => {
    const done: number[] = [];
    let atWork = 0;
    let most = 0;
    await eachAtOnce(2, [1, 2, 3, 4, 5], async (one) => {
      atWork += 1;
      most = Math.max(most, atWork);
      await Promise.resolve();
      atWork -= 1;
      done.push(one);
    });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('begins none after one failed', async () => {
    const begun: number[] = [];
    const failing = eachAtOnce(1, [1, 2, 3], async (one) => {
      begun.push(one);
      throw new Error(`of ${one}`);
    });
    await expect(failing).rejects.toThrow('of 1');
    await new Promise((resolve) => setImmediate(resolve));
    // The next one is begun in the turn in which the first one fails.
    expect(begun).not.toContain(3);
  });
});
