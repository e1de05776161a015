import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { takePlace } from '../../../lib/platform/take-place.ts';

const running = { signal: new AbortController().signal };

describe('a place of a queue', () => {
  it('is given to one at a time, and passes by who does not wait any more', async () => {
    const limit = pLimit(1);
    const giveBack = await takePlace(limit, running);
    const late = new AbortController();
    const impatient = takePlace(limit, late);
    let came = false;
    const patient = takePlace(limit, running).then((end) => {
      came = true;
      return end;
    });
    late.abort(new Error('late'));
    await expect(impatient).rejects.toThrow('late');
    expect(came).toBe(false);
    giveBack();
    (await patient)();
    await (await takePlace(limit, running))();
  });
});
