/**
 * Sweeps, workers and polls as they are, in virtual time, against peers that lock accounts: hosts whose counters never
 * decay (limits 3 and 5, ssh and API on one counter), a directory, also one that vCenters ask, and SSO. No account is
 * locked, and every host that can be collected is, within one interval of its time (due.ts).
 *
 * 50 histories of local accounts and 50 of a domain's. VSWEEP_HISTORIES plays more, VSWEEP_SEED others,
 * VSWEEP_SHRINK=1 makes what fails small (it takes minutes). What fails is mended and put into found-histories.ts. The
 * 10,000 of the proof, in some 20 minutes on two idle cores (the heap does not grow with them):
 *
 *   VSWEEP_HISTORIES=10000 npx vitest run --project integration test/integration/logins/any-history
 *
 * What the model leaves out: a write that the table takes up after its client gave up and after another write was
 * read; a clock that is set forward again and again within minutes.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { FOUND } from './found-histories.ts';
import { type History, histories, play } from './history.ts';
import { expectRecovery } from './recovery.ts';

const numRuns = Math.ceil(Number(process.env.VSWEEP_HISTORIES ?? 100) / 2);
const seed = Number(process.env.VSWEEP_SEED ?? 4);
const endOnFailure = process.env.VSWEEP_SHRINK === undefined;
const timeout = 4 * 3_600_000;

async function playToItsEnd(history: History): Promise<void> {
  const world = await play(history);
  await expectRecovery(world, history);
  world.end();
}

export function describeHistories(kind: History['kind']): void {
  describe(`a history of a ${kind} account locks nobody and ends with every host collected that can be`, () => {
    const found = FOUND.filter(({ history }) => history.kind === kind);
    it.each(found)('$found', async ({ history }) => playToItsEnd(history));

    it(`${numRuns} random ones`, { timeout }, () =>
      fc.assert(fc.asyncProperty(histories(kind), playToItsEnd), { numRuns, seed, endOnFailure }),
    );
  });
}
