import fc from 'fast-check';
import { describe, it } from 'vitest';
import { expectRecovery, histories, play } from './history.ts';

const RUNS = Number(process.env.VSWEEP_HISTORIES ?? 1_000);
const SEED = Number(process.env.VSWEEP_SEED ?? 4);

describe.each(['local', 'domain'] as const)('any history of a %s account', (kind) => {
  it('locks no account, and collects every host again that can be', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories(kind), async (history) => {
        const world = await play(history);
        if (!process.env.SAFE) await expectRecovery(world, history);
      }),
      { numRuns: RUNS / 2, seed: SEED, endOnFailure: !process.env.SHRINK },
    );
  });
});
