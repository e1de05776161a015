import { describe, expect, it } from 'vitest';
import type { ReadSeals } from '../../../lib/platform/seal.ts';
import { createItemSeals, UNSEALED, unsealedItem } from '../../../lib/state/item-seals.ts';

const KEY = { pk: 'hostkeys', sk: 'esx1:22' };
const { signal } = new AbortController();
/** A tag is its parts, joined. */
const readSeals = (async () => ({
  state: {
    tagOf: (parts: readonly string[]) => parts.join('|'),
    fits: (tag: string, parts: readonly string[]) => tag === parts.join('|'),
  },
})) as unknown as ReadSeals;

describe('createItemSeals', () => {
  it('believes an item whose seal fits its parts, and no other', async () => {
    const seals = createItemSeals(readSeals);
    const attribute = await seals.attributeFor(['a', 'b'], { signal });
    const isSealed = await seals.check({ signal });
    expect(isSealed({ ...KEY, ...attribute }, ['a', 'b'])).toBe(true);
    expect(isSealed({ ...KEY, ...attribute }, ['a', 'c'])).toBe(false);
    expect(isSealed({ ...KEY, ...attribute }, undefined)).toBe(false);
    expect(isSealed(KEY, ['a', 'b'])).toBe(false);
    expect(isSealed({ ...KEY, seal: 7 }, ['a', 'b'])).toBe(false);
  });

  it('says that nothing can be checked while the secret cannot be read', async () => {
    const why = new Error('The secret is away.');
    const seals = createItemSeals(() => Promise.reject(why));
    for (const call of [seals.check({ signal }), seals.attributeFor([], { signal })]) {
      await expect(call).rejects.toMatchObject({
        code: 'unavailable',
        message:
          'The seals of the state table cannot be checked: The secret is away. The next run tries again.',
        cause: why,
      });
    }
  });

  it('gives the reason of the signal after an abort', async () => {
    const over = AbortSignal.abort(new Error('over'));
    const seals = createItemSeals(() => Promise.reject(new Error('aborted')));
    await expect(seals.check({ signal: over })).rejects.toBe(over.reason);
  });
});

describe('UNSEALED', () => {
  it('seals nothing and believes everything', async () => {
    expect(await UNSEALED.attributeFor(['a'], { signal })).toEqual({});
    expect((await UNSEALED.check({ signal }))(KEY, undefined)).toBe(true);
  });
});

describe('unsealedItem', () => {
  it('names the item and what becomes of it', () => {
    expect(unsealedItem(KEY)).toMatchObject({
      code: 'malformed',
      message:
        'The item pk="hostkeys" sk="esx1:22" of the state table was not written by the functions of this stack, or not with their present integrity secret. It is ignored.',
    });
  });
});
