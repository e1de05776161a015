import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startTimeline } from '../../../lib/platform/timeline.ts';

/** A process of which the test says how much time passes, and to what the wall clock is set. */
function createProcess() {
  let monotonic = 5_000;
  let ahead = Date.UTC(2026, 10, 28);
  return {
    clock: { now: () => monotonic + ahead, monotonic: () => monotonic },
    pass: (ms: number) => {
      monotonic += ms;
    },
    step: (ms: number) => {
      ahead += ms;
    },
  };
}

const events = fc.array(
  fc.oneof(
    fc.record({ pass: fc.nat({ max: 60_000 }) }),
    fc.record({ step: fc.integer({ min: -1e10, max: 1e10 }) }),
  ),
);

describe('startTimeline', () => {
  it('counts what passes, whatever the wall clock is set to', () => {
    fc.assert(
      fc.property(events, fc.nat({ max: 3_600_000 }), (happened, ms) => {
        const { clock, pass, step } = createProcess();
        const timeline = startTimeline(clock);
        const start = timeline.now();
        let passed = 0;
        for (const event of happened) {
          if ('step' in event) step(event.step);
          else {
            pass(event.pass);
            passed += event.pass;
          }
        }
        expect(timeline.now()).toBe(start + passed);
        expect(timeline.msUntil(start + ms)).toBe(Math.max(0, ms - passed));
      }),
    );
  });

  it('has whole milliseconds, although monotonic time has fractions', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (monotonic) => {
        const timeline = startTimeline({ now: () => Date.UTC(2026, 10, 28), monotonic: () => monotonic });
        expect(timeline.now()).toBe(Date.UTC(2026, 10, 28));
        expect(Number.isInteger(timeline.onWallClock(timeline.now() + 1_000))).toBe(true);
      }),
    );
  });

  it('starts at the wall clock, and hands out its times by the wall clock as it is then', () => {
    const { clock, pass, step } = createProcess();
    const timeline = startTimeline(clock);
    const end = timeline.now() + 60_000;
    expect(timeline.now()).toBe(clock.now());
    pass(20_000);
    step(-3_600_000);
    expect(timeline.onWallClock(end)).toBe(clock.now() + 40_000);
    pass(50_000);
    expect(timeline.onWallClock(end)).toBe(clock.now() - 10_000);
  });
});
