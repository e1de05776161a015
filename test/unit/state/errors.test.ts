import { describe, expect, it } from 'vitest';
import {
  allMalformed,
  isStateAway,
  restlessItem,
  StateError,
  type StateErrorCode,
} from '../../../lib/state/errors.ts';

describe('a failure of the state', () => {
  const CODES: readonly StateErrorCode[] = ['unavailable', 'refused', 'malformed', 'damaged', 'insecure'];
  const of = (code: StateErrorCode) => new StateError('it failed', { code });

  it('is a reason to go by memory only where the table could not be asked', () => {
    expect(CODES.filter((code) => isStateAway(of(code)))).toEqual(['unavailable', 'refused']);
    expect(isStateAway(Object.assign(new Error('another'), { code: 'unavailable' }))).toBe(false);
  });

  it('is worth another try only where it passes by itself', () => {
    expect(CODES.filter((code) => of(code).retryable)).toEqual(['unavailable']);
    expect(restlessItem('The thing')).toMatchObject({
      code: 'unavailable',
      message: 'The thing kept changing in the state table while it was updated. Try again.',
    });
  });

  it('names ten malformed items at most, and how many more there are', () => {
    const malformed = (count: number) =>
      Array.from({ length: count }, (_, at) => new StateError(`item ${at + 1}`, { code: 'malformed' }));
    const named = Array.from({ length: 10 }, (_, at) => `item ${at + 1}`).join('; ');
    expect(allMalformed([])).toBeUndefined();
    const [one, two] = malformed(2) as [StateError, StateError];
    expect(allMalformed([one])).toBe(one);
    expect(allMalformed([one, two])).toMatchObject({
      message: 'item 1; item 2',
      code: 'malformed',
      cause: one,
    });
    expect(allMalformed(malformed(10))?.message).toBe(named);
    expect(allMalformed(malformed(12))?.message).toBe(`${named}; and 2 more`);
  });
});
