import { describe, expect, it } from 'vitest';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { around, watchStores } from '../../../lib/state/around.ts';
import { StateError } from '../../../lib/state/errors.ts';

const failing = (error: Error) => ({ runs: { read: () => Promise.reject(error) } });
const away = new StateError('no answer', { code: 'unavailable' });

describe('watchStores', () => {
  it('passes calls and answers on, and is up as long as the table does what it is asked', async () => {
    const { stores, watch } = watchStores({ runs: { read: async (key: string) => `${key}!` } });
    expect(await stores.runs.read('a')).toBe('a!');
    expect(watch.isUp()).toBe(true);
  });

  it('is down once a call failed for want of the table, also when the caller bears it', async () => {
    const { stores, watch } = watchStores(failing(away));
    await expect(stores.runs.read()).rejects.toBe(away);
    expect(watch.isUp()).toBe(false);
  });

  it('does not blame the table for a run whose time was over', async () => {
    const { stores, watch } = watchStores(failing(new DeadlineError('the run')));
    await expect(stores.runs.read()).rejects.toThrow();
    expect(watch.isUp()).toBe(true);
  });
});

describe('around', () => {
  const store = {
    name: 'runs',
    read: async (key: string) => `${key}!`,
    write: (_key: string): Promise<void> => Promise.reject(away),
  };

  it('does what is asked before a call and with its answer, and leaves all else as it is', async () => {
    const calls: unknown[] = [];
    const { name, read } = around(store, {
      read: {
        before: async ([key]) => calls.push(`before ${key}`),
        answered: (answer, [key], before) => calls.push([answer, key, before]),
      },
    });
    expect({ name, answer: await read('a') }).toEqual({ name: 'runs', answer: 'a!' });
    expect(calls).toEqual(['before a', ['a!', 'a', 1]]);
    await expect(around(store, {}).write('a')).rejects.toBe(away);
  });

  it('answers in place of a call that failed, also before it was made', async () => {
    const failed: unknown[] = [];
    const bear = (error: unknown, [key]: readonly [string]) => void failed.push(error, key);
    await around(store, { write: { failed: bear } }).write('a');
    const early = new Error('not now');
    const before = () => Promise.reject(early);
    expect(await around(store, { read: { before, failed: () => 'from memory' } }).read('b')).toBe(
      'from memory',
    );
    expect(failed).toEqual([away, 'a']);
  });
});
