import { describe, expect, it } from 'vitest';
import { makeOnce } from '../../../lib/platform/once.ts';

describe('makeOnce', () => {
  it('makes one value for all, until it is forgotten', async () => {
    const once = makeOnce<number>();
    let made = 0;
    const make = async () => (made += 1);
    expect(await Promise.all([once.get(make), once.get(make)])).toEqual([1, 1]);
    expect(await once.get(make)).toBe(1);
    once.forget();
    expect(await once.get(make)).toBe(2);
  });

  it('makes it anew after it could not be had', async () => {
    const once = makeOnce<string>();
    await expect(once.get(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await once.get(async () => 'here')).toBe('here');
  });
});
