import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createHostQueue } from '../../../lib/poll/host-queue.ts';
import { createManualClock } from '../../support/manual-clock.ts';

/** Questions that are answered when the test says so. */
function openQueue() {
  const clock = createManualClock();
  const ask = createHostQueue<string>(clock);
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    clock,
    begun,
    /** Ends the work on a question that has begun. */
    answer: (key: string) => ends.get(key)?.resolve(`answer to ${key}`),
    refuse: (key: string, error: Error) => ends.get(key)?.reject(error),
    ask: (key: string, { target = 'vc1', signal = new AbortController().signal } = {}) =>
      ask(
        { target, key },
        async () => {
          begun.push(key);
          const end = Promise.withResolvers<string>();
          ends.set(key, end);
          signal.addEventListener('abort', () => end.reject(signal.reason));
          return await end.promise;
        },
        { signal },
      ),
  };
}

describe('polls that log in to hosts', () => {
  it('log in one after another per target, and side by side at different ones', async () => {
    const { ask, begun, answer, clock } = openQueue();
    const first = ask('a');
    const second = ask('b');
    const elsewhere = ask('c', { target: 'vc2' });
    await setImmediate();
    expect(begun).toEqual(['a', 'c']);
    answer('a');
    expect(await first).toBe('answer to a');
    clock.advance(1_000);
    await setImmediate();
    expect(begun).toEqual(['a', 'c', 'b']);
    answer('b');
    answer('c');
    expect(await Promise.all([second, elsewhere])).toEqual(['answer to b', 'answer to c']);
  });

  it('leave a second between two of one target, in which a run that waits gets its lease', async () => {
    const { ask, begun, answer, clock } = openQueue();
    const first = ask('a');
    await setImmediate();
    answer('a');
    await first;
    const second = ask('b');
    await setImmediate();
    clock.advance(999);
    await setImmediate();
    expect(begun).toEqual(['a']);
    clock.advance(1);
    await setImmediate();
    expect(begun).toEqual(['a', 'b']);
    answer('b');
    await second;
  });

  it('answer whoever asks the same meanwhile without another login', async () => {
    const { ask, begun, answer } = openQueue();
    const asked = [ask('a'), ask('a'), ask('a')];
    await setImmediate();
    answer('a');
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 3 }, () => 'answer to a'));
    expect(begun).toEqual(['a']);
  });

  it('fail alike for whoever asks the same meanwhile, without another login', async () => {
    const { ask, begun, refuse } = openQueue();
    const asked = Promise.allSettled([ask('a'), ask('a')]);
    await setImmediate();
    refuse('a', new Error('refused'));
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(begun).toEqual(['a']);
  });

  it('are asked once more for whoever waited beside one that gave up', async () => {
    const { ask, begun, answer, clock } = openQueue();
    const impatient = new AbortController();
    const first = ask('a', impatient);
    const second = ask('a');
    await setImmediate();
    impatient.abort(new Error('out of time'));
    await expect(first).rejects.toThrow('out of time');
    await setImmediate();
    clock.advance(1_000);
    await setImmediate();
    answer('a');
    expect(await second).toBe('answer to a');
    expect(begun).toEqual(['a', 'a']);
  });

  it('end at once with their time while they wait, and only with their work once it has begun', async () => {
    const { ask, begun, answer } = openQueue();
    const first = ask('a');
    const impatient = new AbortController();
    const second = ask('b', impatient);
    await setImmediate();
    impatient.abort(new Error('out of time'));
    await expect(second).rejects.toThrow('out of time');
    answer('a');
    await first;
    await setImmediate();
    expect(begun).toEqual(['a']);
  });

  it('refuse a ninth that would wait, and say what to do', async () => {
    const { ask, answer, clock } = openQueue();
    const keys = Array.from({ length: 9 }, (_, index) => `host-${index}`);
    const waiting = keys.map((key) => ask(key));
    await setImmediate();
    await expect(ask('one more')).rejects.toThrow(
      'vc1: 8 polls that log in to hosts are waiting; ask again later, or query what the sweep of the metric delivers',
    );
    for (const [index, key] of keys.entries()) {
      answer(key);
      await waiting[index];
      clock.advance(1_000);
      await setImmediate();
    }
    expect(await Promise.all(waiting)).toHaveLength(9);
  });
});
