import { describe, expect, it } from 'vitest';
import { isStateAway, restlessItem, StateError, type StateErrorCode } from '../../../lib/state/errors.ts';

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
});
