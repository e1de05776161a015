import { describe, expect, it } from 'vitest';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { watchStores } from '../../../lib/state/watch-stores.ts';

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
