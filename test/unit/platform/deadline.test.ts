import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { startDeadline, withTimeLimit } from '../../../lib/platform/deadline.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';

/** Time stands still until `pass`; `sleepers` counts who waits. */
function createStillClock(): Clock & { pass(): void; sleepers(): number } {
  const waiting = new Set<() => void>();
  return {
    now: () => 0,
    sleep(_ms, { signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.add(resolve);
      signal.addEventListener('abort', () => {
        waiting.delete(resolve);
        reject(signal.reason);
      });
      return promise;
    },
    pass: () => {
      for (const resolve of waiting) resolve();
    },
    sleepers: () => waiting.size,
  };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('withTimeLimit', () => {
  it('answers what the work answers, and keeps no timer', async () => {
    const clock = createStillClock();
    const { signal } = new AbortController();
    expect(await withTimeLimit({ clock, ms: 1_000, what: 'the work', signal }, async () => 'done')).toBe(
      'done',
    );
    expect(clock.sleepers()).toBe(0);
  });

  it('aborts the work with a DeadlineError that names it when the time is over', async () => {
    const clock = createStillClock();
    const { signal } = new AbortController();
    const work = withTimeLimit({ clock, ms: 1_000, what: 'the work', signal }, untilAborted);
    clock.pass();
    await expect(work).rejects.toThrow(DeadlineError);
    await expect(work).rejects.toThrow('the work');
  });

  it('aborts the work with the reason of the signal it follows', async () => {
    const parent = new AbortController();
    const limit = { clock: createStillClock(), ms: 1_000, what: 'the work', signal: parent.signal };
    const work = withTimeLimit(limit, untilAborted);
    parent.abort('given up');
    await expect(work).rejects.toBe('given up');
  });
});

describe('startDeadline', () => {
  it('has aborted already when it ends in the past', () => {
    using deadline = startDeadline({ clock: createStillClock(), endsAt: -1, what: 'the work' });
    expect(deadline.signal.reason).toBeInstanceOf(DeadlineError);
    expect(deadline.remainingMs()).toBe(0);
  });

  it('does not abort its signal when it is disposed', () => {
    const deadline = startDeadline({ clock: createStillClock(), endsAt: 1_000, what: 'the work' });
    deadline[Symbol.dispose]();
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe('a deadline with a function for its name', () => {
  it('asks it when the time is over', async () => {
    const clock = createStillClock();
    let step = 'the first step';
    const aborted = untilAborted(startDeadline({ clock, endsAt: 1, what: () => step }).signal);
    step = 'the second step';
    clock.pass();
    await expect(aborted).rejects.toThrow('the second step: out of time');
  });
});
