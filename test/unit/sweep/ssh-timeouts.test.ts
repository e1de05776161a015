import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitTimeouts } from '../../../lib/sweep/worker/ssh-timeouts.ts';

const CONFIGURED = { connectSeconds: 3, loginSeconds: 15, commandSeconds: 15 };

describe('fitTimeouts', () => {
  it('leaves the time-outs as they are when they fit', () => {
    const whole = { connectMs: 3_000, loginMs: 15_000, commandMs: 15_000 };
    expect(fitTimeouts(CONFIGURED, 33_000)).toEqual(whole);
    expect(fitTimeouts(CONFIGURED, 3_600_000)).toEqual(whole);
  });

  it('shrinks them in proportion when together they exceed the time left', () => {
    expect(fitTimeouts(CONFIGURED, 6_600)).toEqual({ connectMs: 600, loginMs: 3_000, commandMs: 3_000 });
  });

  it('never exceeds the time left', () => {
    const seconds = fc.double({ min: 0.1, max: 300, noNaN: true });
    const timeouts = fc.record({ connectSeconds: seconds, loginSeconds: seconds, commandSeconds: seconds });
    fc.assert(
      fc.property(timeouts, fc.integer({ min: -10_000, max: 900_000 }), (configured, availableMs) => {
        const { connectMs, loginMs, commandMs } = fitTimeouts(configured, availableMs);
        expect(connectMs + loginMs + commandMs).toBeLessThanOrEqual(Math.max(0, availableMs) * 1.000001);
        expect(Math.min(connectMs, loginMs, commandMs)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
