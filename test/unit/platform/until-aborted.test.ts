import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';

const forever = () => new Promise<never>(() => undefined);

describe('untilAborted', () => {
  it('settles as the work does, and leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve('done'), signal)).toBe('done');
    const failure = new Error('it failed');
    await expect(untilAborted(Promise.reject(failure), signal)).rejects.toBe(failure);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason of the signal while the work goes on, and leaves no listener', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(forever(), controller.signal);
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('waits for no work when the signal has aborted before', async () => {
    await expect(untilAborted(forever(), AbortSignal.abort('before'))).rejects.toBe('before');
  });
});
