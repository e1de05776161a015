import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinKey } from '../../../lib/state/item.ts';

describe('joinKey', () => {
  it('leaves ordinary names as they are', () => {
    expect(joinKey('run', 'services', 'vc01.example.org')).toBe('run#services#vc01.example.org');
  });

  it('never gives one key for different parts', () => {
    const part = fc.string({ unit: fc.constantFrom('#', '%', '2', '3', '5', 'a') });
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(joinKey(...one) === joinKey(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
