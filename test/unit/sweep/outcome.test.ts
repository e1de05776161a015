import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countOutcomes,
  FAILED_REASONS,
  failed,
  type Outcome,
  ok,
  parseOutcome,
  printOutcome,
  SKIPPED_REASONS,
  skipped,
} from '../../../lib/sweep/outcome.ts';

const EVERY: readonly Outcome[] = [ok, ...FAILED_REASONS.map(failed), ...SKIPPED_REASONS.map(skipped)];

describe('outcomes', () => {
  it('are read as they were printed', () => {
    for (const outcome of EVERY) expect(parseOutcome(printOutcome(outcome))).toEqual(outcome);
    expect(new Set(EVERY.map(printOutcome)).size).toBe(EVERY.length);
  });

  it('are read from no other text', () => {
    const near = fc.tuple(
      fc.constantFrom('ok', 'failed', 'skipped', ''),
      fc.constantFrom('(', ''),
      fc.constantFrom(...FAILED_REASONS, ...SKIPPED_REASONS, 'constructor'),
      fc.constantFrom(')', '', ')x'),
    );
    const printed = new Set(EVERY.map(printOutcome));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          expect(parseOutcome(text) === undefined).toBe(!printed.has(text));
        },
      ),
    );
  });

  it('are counted without loss', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVERY)), (outcomes) => {
        const counts = countOutcomes(outcomes);
        expect(counts.hosts).toBe(outcomes.length);
        expect(counts.ok + counts.failed + counts.skipped).toBe(counts.hosts);
      }),
    );
  });
});
