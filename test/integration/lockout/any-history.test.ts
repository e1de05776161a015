/**
 * Sweeps, workers and polls as they are, in virtual time, against peers that lock accounts: hosts whose counters never
 * decay (limits 3 and 5, ssh and API on one counter), a directory, and SSO. 400 histories; VSWEEP_HISTORIES
 * plays more, VSWEEP_SEED others, VSWEEP_SHRINK=1 makes what fails small (it takes minutes). A process keeps what its
 * killed runs held, so 10,000 are played as ten seeds of 1,000.
 *
 * What the model leaves out: a write that the table takes up after its client gave up and after another write was
 * read; a clock that is set forward again and again within minutes.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { expectRecovery, type History, histories, play } from './history.ts';

const numRuns = Number(process.env.VSWEEP_HISTORIES ?? 400) / 2;
const seed = Number(process.env.VSWEEP_SEED ?? 4);
const endOnFailure = process.env.VSWEEP_SHRINK === undefined;
const timeout = 3_600_000;

const holds = (kind: History['kind'], check: (history: History) => Promise<void>) =>
  fc.assert(fc.asyncProperty(histories(kind), check), { numRuns, seed, endOnFailure });

describe.each(['local', 'domain'] as const)('any history of a %s account', (kind) => {
  it('locks no account', { timeout }, async () => {
    await holds(kind, async (history) => void (await play(history)));
  });

  it('ends with every host collected that can be', { timeout }, async () => {
    await holds(kind, async (history) => expectRecovery(await play(history), history));
  });
});
