import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startGrace } from '../../../lib/platform/grace.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function start(isUnderWay: boolean) {
  const clock = createManualClock();
  const parent = new AbortController();
  const grace = startGrace({ clock, ms: 1_000, isUnderWay: () => isUnderWay, signal: parent.signal });
  return { clock, parent, grace };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('startGrace', () => {
  it('ends later than its parent what is under way, with the reason of the parent', async () => {
    const { clock, parent, grace } = start(true);
    parent.abort(new Error('out of time'));
    clock.advance(999);
    await settle();
    expect(grace.signal.aborted).toBe(false);
    clock.advance(1);
    await settle();
    expect(grace.signal.reason).toEqual(new Error('out of time'));
  });

  it('ends with its parent what has not begun', async () => {
    const { parent, grace } = start(false);
    parent.abort(new Error('out of time'));
    await settle();
    expect(grace.signal.reason).toEqual(new Error('out of time'));
  });

  it('begins now for what is under way where its parent has ended before', async () => {
    const clock = createManualClock();
    const signal = AbortSignal.abort(new Error('before'));
    using grace = startGrace({ clock, ms: 1_000, isUnderWay: () => true, signal });
    clock.advance(999);
    await settle();
    expect(grace.signal.aborted).toBe(false);
    clock.advance(1);
    await settle();
    expect(grace.signal.reason).toEqual(new Error('before'));
    using none = startGrace({ clock, ms: 1_000, isUnderWay: () => false, signal });
    expect(none.signal.reason).toEqual(new Error('before'));
  });

  it('keeps no timer when the work is done', async () => {
    const { clock, parent, grace } = start(true);
    parent.abort();
    grace[Symbol.dispose]();
    await settle();
    expect(clock.sleepers()).toBe(0);
    expect(grace.signal.aborted).toBe(false);
  });

  it('leaves no listener on its parent when the work is done before that aborts', () => {
    const { parent, grace } = start(true);
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1);
    grace[Symbol.dispose]();
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });
});
