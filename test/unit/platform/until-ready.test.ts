import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { untilReady } from '../../../lib/platform/until-ready.ts';

const pending = new InvokeError('F was not started: Pending', { code: 'not-ready', retryable: true });

/** A function that is ready after so many calls, and time that passes in the pauses alone. */
function startWait({
  readyAfter,
  endsAfterMs = Number.POSITIVE_INFINITY,
}: {
  readyAfter: number;
  endsAfterMs?: number;
}) {
  const startedAt = 5_000_000;
  let now = startedAt;
  let calls = 0;
  const waits: string[] = [];
  const end = new AbortController();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    async sleep(ms, { signal }) {
      now = Math.min(now + ms, startedAt + endsAfterMs);
      if (now === startedAt + endsAfterMs) end.abort(new Error('out of time'));
      signal.throwIfAborted();
    },
  };
  const call = async (other?: Error) => {
    calls += 1;
    if (calls > readyAfter) return 'an answer';
    throw other ?? pending;
  };
  const options = {
    clock,
    random: () => 0.75,
    onWait: ({ message }: InvokeError) => void waits.push(message),
    signal: end.signal,
  };
  return { call, options, waits, calls: () => calls, passed: () => now - startedAt };
}

describe('untilReady', () => {
  it('calls a function until it is awake, after pauses that double up to two seconds and are spread, and tells once that it waits', async () => {
    const { call, options, waits, passed } = startWait({ readyAfter: 30 });
    expect(await untilReady(call, options)).toBe('an answer');
    expect(passed()).toBe(1.25 * (500 + 1_000 + 28 * 2_000));
    expect(waits).toEqual([pending.message]);
  });

  it('tells nobody of a function that is ready', async () => {
    const { call, options, waits, calls } = startWait({ readyAfter: 0 });
    expect(await untilReady(call, options)).toBe('an answer');
    expect([calls(), waits]).toEqual([1, []]);
  });

  it('says for how long a function was not ready when the time is over', async () => {
    const { call, options } = startWait({ readyAfter: 99, endsAfterMs: 12_000 });
    const waited = untilReady(call, options);
    await expect(waited).rejects.toMatchObject({ code: 'not-ready', retryable: false });
    await expect(waited).rejects.toThrow(
      'F was not started: Pending. It was still not ready after 12 s. Try again in two minutes',
    );
  });

  it.each(['throttled', 'unreachable', 'refused', 'lost', 'function-error'] as const)(
    'leaves every other failure to its caller, who may not call twice: %s',
    async (code) => {
      const { call, options, calls } = startWait({ readyAfter: 1 });
      const error = new InvokeError('F', { code });
      await expect(untilReady(() => call(error), options)).rejects.toBe(error);
      expect(calls()).toBe(1);
    },
  );
});
