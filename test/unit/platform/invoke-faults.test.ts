import { describe, expect, it } from 'vitest';
import { codeOfStatus } from '../../../lib/platform/invoke-faults.ts';

describe('codeOfStatus', () => {
  it.each([
    [400, 'refused'],
    [428, 'refused'],
    [429, 'throttled'],
    [430, 'refused'],
    [499, 'refused'],
    [500, 'lost'],
    [599, 'lost'],
    [0, 'refused'],
  ])('that ended with status %i and a name that nobody knows is %s', (status, code) => {
    expect(codeOfStatus(status)).toBe(code);
  });
});
