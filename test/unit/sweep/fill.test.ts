import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFillWorld, type RunFaults } from './fill-world.ts';

const MINUTE = 60_000;
const both = ['lax', 'strict'] as const;

const faults: fc.Arbitrary<RunFaults> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc.record({ killedAt: fc.record({ point: fc.nat(40), after: fc.boolean() }) }),
  fc.record({ pausedAt: fc.nat(40) }),
  fc.record({ away: fc.constantFrom(['lax'], ['strict'], ['lax', 'strict']) }),
  fc.record({ stateAwayFrom: fc.nat(30) }),
);
const steps = fc.array(fc.record({ faults, minutes: fc.constantFrom(0, 1, 3, 7), away: fc.nat(5) }), {
  maxLength: 7,
});

/** Of a destination that keeps what comes twice: whether that can have happened. */
const gapsOf = (problems: readonly string[]) => problems.filter((text) => !/: \d+ times /.test(text));

describe('samples with times', () => {
  it('come once to each sink, whatever runs are missed, killed, paused or refused: no gap and no sample twice', async () => {
    let seenTwice = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (happenings) => {
        const world = createFillWorld();
        await world.run();
        let isOvertaken = false;
        for (const { faults: some, minutes, away } of happenings) {
          world.pass(minutes * MINUTE);
          world.away.clear();
          if (away < 3) world.away.add(`host-${away + 1}`);
          const { deliveries } = await world.run(some);
          // What it has already is sent again in requests of its own, so that nothing new is refused.
          isOvertaken ||= some.pausedAt !== undefined;
          if (!isOvertaken) for (const { filled } of deliveries) expect(filled?.dropped.refused ?? 0).toBe(0);
        }
        world.away.clear();
        world.pass(MINUTE);
        for (const _ of both) await world.run();
        expect(world.problemsOf('strict')).toEqual([]);
        expect(gapsOf(world.problemsOf('lax'))).toEqual([]);
        for (const name of both) for (const [has, there] of world.ends(name)) expect(has).toBe(there);
        // Only what landed in the moment in which a run ended, or was overtaken, can come again.
        if (world.unrecorded() === 0) expect(world.problemsOf('lax')).toEqual([]);
        else seenTwice += 1;
      }),
      { numRuns: Number(process.env['FILL_RUNS'] ?? 150) },
    );
    expect(seenTwice).toBeGreaterThan(0);
  }, 120_000);
});
