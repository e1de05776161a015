import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slopeOf, verdictOn } from '../../../bench/soak/slope.ts';

const MINUTES = 50;
const SAMPLES = 300;
const line = (perHour: number, noise: (n: number) => number = () => 0) =>
  Array.from({ length: SAMPLES }, (_, n) => {
    const minute = (n * MINUTES) / SAMPLES;
    return { minute, value: 200 + (perHour * minute) / 60 + noise(n) };
  });

describe('the slope of what a process holds', () => {
  it('is that of a line, without doubt', () => {
    fc.assert(
      fc.property(fc.double({ min: -500, max: 500, noNaN: true }), (perHour) => {
        const slope = slopeOf(line(perHour));
        expect(slope.perHour).toBeCloseTo(perHour, 6);
        expect(slope.halfWidth).toBeLessThan(1e-6);
      }),
    );
  });

  it('stays within its interval where collections make the line a saw', () => {
    // Grows by 30 for 40 samples and falls: far more than the slope that is looked for.
    const slope = slopeOf(line(0.5, (n) => ((n % 40) / 40) * 30));
    expect(Math.abs(slope.perHour - 0.5)).toBeLessThan(slope.halfWidth);
    expect(verdictOn(slope, 1)).toBe('unclear');
  });

  it('is not known from fewer samples than blocks', () => {
    expect(verdictOn(slopeOf(line(0).slice(0, 5)), 1)).toBe('unclear');
  });
});

describe('the verdict', () => {
  it.each([
    [0.2, 0.5, 'flat'],
    [0.8, 0.5, 'unclear'],
    [1.4, 0.5, 'unclear'],
    [2, 0.5, 'grows'],
    [-300, 50, 'flat'],
  ] as const)('on %d ± %d an hour, with a limit of 1, is %s', (perHour, halfWidth, verdict) => {
    expect(verdictOn({ perHour, halfWidth }, 1)).toBe(verdict);
  });
});
