import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../../lib/platform/chunks-of.ts';

describe('chunksOf', () => {
  it.each([
    [[], 2, []],
    [[1], 2, [[1]]],
    [[1, 2], 2, [[1, 2]]],
    [[1, 2, 3], 2, [[1, 2], [3]]],
    [
      [1, 2, 3, 4],
      2,
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('makes of %j pieces of %i: %j', (all, size, expected) => {
    expect(chunksOf<number>(all, size)).toEqual(expected);
  });
});
