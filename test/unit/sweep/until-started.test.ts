import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { untilStarted } from '../../../lib/sweep/dispatch/until-started.ts';

const throttled = new InvokeError('busy', { code: 'throttled', retryable: true });
const unreachable = new InvokeError('no way', { code: 'unreachable', retryable: true });

/** Waits for nothing and notes for how long it would have; `onSleep` happens in each pause. */
function quickClock(onSleep: () => void = () => undefined) {
  const pauses: number[] = [];
  const clock: Clock = {
    ...systemClock,
    async sleep(ms, { signal }) {
      pauses.push(ms);
      onSleep();
      signal.throwIfAborted();
    },
  };
  return { clock, pauses };
}

/** Rejects with these, in turn, and then answers. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'an answer';
  };
}

const never = new AbortController().signal;

describe('untilStarted', () => {
  it('waits for as long as it takes while it is throttled, two seconds at a time at most', async () => {
    const { clock, pauses } = quickClock();
    const call = failing(...Array<Error>(20).fill(throttled));
    expect(await untilStarted(call, { clock, random: () => 0.5, signal: never })).toBe('an answer');
    expect(pauses.slice(0, 5)).toEqual([250, 500, 1_000, 2_000, 2_000]);
    expect(pauses).toHaveLength(20);
  });

  it('waits as long for a function that is not ready', async () => {
    const { clock, pauses } = quickClock();
    const notReady = new InvokeError('its network is made', { code: 'not-ready', retryable: true });
    const call = failing(...Array<Error>(20).fill(notReady));
    expect(await untilStarted(call, { clock, random: () => 0.5, signal: never })).toBe('an answer');
    expect(pauses).toHaveLength(20);
  });

  it('calls where Lambda is out of reach six times', async () => {
    const { clock, pauses } = quickClock();
    const call = failing(...Array<Error>(6).fill(unreachable));
    await expect(untilStarted(call, { clock, random: () => 0, signal: never })).rejects.toBe(unreachable);
    expect(pauses).toHaveLength(5);
  });

  it('calls once what may have started, or must not', async () => {
    const { clock, pauses } = quickClock();
    for (const code of ['lost', 'function-error', 'refused'] as const) {
      const error = new InvokeError('it failed', { code });
      await expect(untilStarted(failing(error), { clock, random: () => 0, signal: never })).rejects.toBe(
        error,
      );
    }
    expect(pauses).toEqual([]);
  });

  it('ends in a pause with the reason of its signal', async () => {
    const controller = new AbortController();
    const { clock } = quickClock(() => controller.abort('out of time'));
    const { signal } = controller;
    await expect(untilStarted(failing(throttled), { clock, random: () => 0, signal })).rejects.toBe(
      'out of time',
    );
  });

  it('spreads the pauses by half to either side', () =>
    fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (random) => {
        const { clock, pauses } = quickClock();
        await untilStarted(failing(throttled, throttled), { clock, random: () => random, signal: never });
        const [first = 0, second = 0] = pauses;
        expect(first).toBeGreaterThanOrEqual(125);
        expect(second).toBeLessThanOrEqual(750);
        expect(second).toBeCloseTo(2 * first);
      }),
    ));
});
