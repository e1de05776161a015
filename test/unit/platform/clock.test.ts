import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';

const LONG_MS = 60_000;

describe('systemClock.sleep', () => {
  it('resolves after the time, and not before', async () => {
    const startedAt = performance.now();
    await systemClock.sleep(20, new AbortController());
    // Timers count whole milliseconds.
    expect(performance.now() - startedAt).toBeGreaterThan(18);
  });

  it('rejects at once with the reason of a signal that aborts, and keeps no timer', async () => {
    const controller = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const sleeping = systemClock.sleep(LONG_MS, controller);
    expect(timers()).toBe(before + 1);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(timers()).toBe(before);
  });

  it('keeps no process alive in the background', () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const controller = new AbortController();
    const { signal } = controller;
    const sleeping = [true, false].map((background) => systemClock.sleep(LONG_MS, { signal, background }));
    // Node names only what keeps the process alive.
    expect(timers()).toBe(before + 1);
    controller.abort();
    return Promise.allSettled(sleeping);
  });

  it('leaves no listener on the signal when that has aborted', async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(LONG_MS, controller);
    controller.abort('enough');
    await expect(sleeping).rejects.toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason of a signal that has aborted before', async () => {
    await expect(systemClock.sleep(LONG_MS, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
  });

  it('leaves no listener on the signal when the time has passed', async () => {
    const { signal } = new AbortController();
    await systemClock.sleep(1, { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
