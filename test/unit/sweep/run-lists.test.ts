import { describe, expect, it } from 'vitest';
import { createRunLists } from '../../../lib/sweep/listing/run-lists.ts';

describe('createRunLists', () => {
  it('reads the last list of each target once, and again when that failed', async () => {
    const lists = createRunLists();
    const list = { listedAt: 0, hosts: [], unreadable: [], sites: {} };
    const failed = lists.readLast('vc1', () => Promise.reject(new Error('no table')));
    await expect(failed).rejects.toThrow('no table');
    const [one, other, ofAnother] = await Promise.all([
      lists.readLast('vc1', async () => list),
      lists.readLast('vc1', async () => ({ ...list })),
      lists.readLast('vc2', async () => undefined),
    ]);
    expect(one).toBe(list);
    expect(other).toBe(list);
    expect(ofAnother).toBeUndefined();
  });
});
