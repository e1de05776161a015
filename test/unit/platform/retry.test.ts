import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { VsweepError } from '../../../lib/platform/errors.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { retry } from '../../../lib/platform/retry.ts';

class Busy extends VsweepError<'busy'> {}
const failure = (retryable: boolean) => new Busy('no answer', { code: 'busy', retryable });

/** Calls what fails with these errors one after the other, and then succeeds. */
async function call(errors: readonly Error[], { random = 0.5, signal = new AbortController().signal } = {}) {
  const pauses: number[] = [];
  const warnings: unknown[] = [];
  let made = 0;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: async (ms) => void pauses.push(ms),
  };
  const attempt = async () => {
    const error = errors[made++];
    if (error !== undefined) throw error;
    return 'done';
  };
  const log = { ...silentLog, warn: (...line: unknown[]) => void warnings.push(line) };
  const options = { clock, log, random: () => random, signal };
  const end = await retry('the peer', attempt, options).catch((error: unknown) => error);
  return { end, made, pauses, warnings };
}

describe('retry', () => {
  it('calls once what succeeds', async () => {
    expect(await call([])).toEqual({ end: 'done', made: 1, pauses: [], warnings: [] });
  });

  it('calls three times at most, after 0.5 s and 1 s, and tells each failure but the last', async () => {
    const [first, second, third] = [failure(true), failure(true), failure(true)];
    expect(await call([first, second])).toMatchObject({ end: 'done', made: 3, pauses: [500, 1_000] });
    const given = await call([first, second, third]);
    expect(given).toMatchObject({ end: third, made: 3, pauses: [500, 1_000] });
    expect(given.warnings).toHaveLength(2);
  });

  it('spreads the pauses by half to either side', async () => {
    expect((await call([failure(true)], { random: 0 })).pauses).toEqual([250]);
    expect((await call([failure(true)], { random: 0.75 })).pauses).toEqual([625]);
  });

  it('waits as long as the peer asks, if that is longer', async () => {
    const asking = (retryAfterMs: number) =>
      new Busy('no answer', { code: 'busy', retryable: true, retryAfterMs });
    expect((await call([asking(7_000), asking(10)])).pauses).toEqual([7_000, 1_000]);
  });

  it('repeats nothing that may not be repeated, that is no error of ours, or whose time is over', async () => {
    const refused = failure(false);
    expect(await call([refused])).toMatchObject({ end: refused, made: 1 });
    const ours = new TypeError('a fault of ours');
    expect(await call([ours])).toMatchObject({ end: ours, made: 1 });
    const late = failure(true);
    const over = AbortSignal.abort(new Error('over'));
    expect(await call([late], { signal: over })).toMatchObject({ end: late, made: 1, pauses: [] });
  });
});
