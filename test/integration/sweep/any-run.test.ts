import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import {
  type BatchWhim,
  createEstate,
  createMemoryState,
  type Estate,
  type FakeTarget,
  type SshWhim,
  type Whim,
} from '../../support/fake-estate.ts';
import { expectConserved } from './small-fleet.ts';

const running = { signal: new AbortController().signal };
const clock = createEagerClock();
const state = createMemoryState(clock);

const whim = fc.constantFrom<Whim[]>('well', 'well', 'well', 'well', 'fails', 'hangs');
const sshWhim = fc.constantFrom<SshWhim[]>('well', 'well', 'refuses', 'cut-off', 'garbage', 'fails', 'hangs');
const batchWhim = fc.constantFrom<ReturnType<BatchWhim>[]>(
  'well',
  'well',
  'well',
  'fails',
  'hangs',
  'answers-garbage',
  'ignores-the-signal',
);
const target: fc.Arbitrary<FakeTarget> = fc.record({
  hosts: fc.array(fc.record({ address: fc.nat(8).map((number) => `10.0.0.${number}`), ssh: sshWhim }), {
    minLength: 1,
    maxLength: 6,
  }),
  login: whim,
  listing: whim,
  ticket: whim,
  clone: whim,
  retrieval: whim,
  close: fc.constantFrom<Whim[]>('well', 'hangs'),
});

function sweepOf(estate: Estate): Promise<RunSummary> {
  const [sweep] = estate.sweep.config.sweeps;
  if (sweep === undefined) throw new RangeError('no sweep');
  return runSweep({ sweep }, estate.sweep, running);
}

describe('any run', () => {
  it('conserves hosts, closes its sessions and logs in to no address twice, whatever goes wrong', async () => {
    const targets = fc.array(target, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(targets, fc.array(batchWhim, { maxLength: 3 }), async (fakes, whims) => {
        const estate = createEstate({
          targets: fakes,
          state,
          clock,
          batch: (batch) => whims[batch] ?? 'well',
        });
        const summary = await sweepOf(estate);
        expectConserved(summary);
        for (const [index, { status, hosts, problems }] of summary.targets.entries()) {
          const { login, listing, hosts: all = [] } = fakes[index] ?? {};
          // There is no list of an earlier run.
          const isListed = login === 'well' && listing === 'well';
          expect({ status, hosts: hosts.length }).toEqual(
            isListed ? { status: 'swept', hosts: all.length } : { status: 'unlisted', hosts: 0 },
          );
          expect(problems.filter((problem) => problem.includes('internal error: '))).toEqual([]);
        }
        expect(estate.sessions.closed).toBe(estate.sessions.opened);
        for (const [address, logins] of estate.logins)
          expect({ address, logins }).toEqual({ address, logins: 1 });
      }),
      { numRuns: 40 },
    );
  });

  it('never spends more than two refusals of an account, over many runs of any kind', async () => {
    const bad = fc.constantFrom<SshWhim[]>('refuses', 'cut-off', 'hangs');
    await fc.assert(
      fc.asyncProperty(fc.array(bad, { minLength: 1, maxLength: 4 }), async (kinds) => {
        const hosts = kinds.map((ssh, index) => ({ address: `10.0.1.${index}`, ssh }));
        const well = {
          login: 'well',
          listing: 'well',
          ticket: 'well',
          clone: 'well',
          retrieval: 'well',
          close: 'well',
        } as const;
        const estate = createEstate({
          targets: [{ hosts, ...well }],
          state,
          clock,
          batch: () => 'well',
        });
        for (const _ of Array.from({ length: 18 })) {
          await sweepOf(estate);
          // Beyond every pause of a host and of the credential.
          clock.advance(25 * 60 * 60_000);
        }
        for (const [address, logins] of estate.logins)
          expect({ address, logins }).toEqual({ address, logins: 2 });
      }),
      { numRuns: 4 },
    );
  });
});

describe('one of several batches', () => {
  const HOSTS = 510;
  it.each([
    ['fails', 'failed(worker)'],
    ['answers-garbage', 'failed(worker)'],
    ['hangs', 'failed(deadline)'],
    ['ignores-the-signal', 'failed(deadline)'],
  ] as const)(
    'that %s costs its own hosts and no other, and they are tried with care the next time',
    async (how, outcome) => {
      const hosts = Array.from({ length: HOSTS }, (_, index) => ({
        address: `10.${Math.floor(index / 250)}.2.${index % 250}`,
        ssh: 'well' as const,
      }));
      const well = {
        login: 'well',
        listing: 'well',
        ticket: 'well',
        clone: 'well',
        retrieval: 'well',
        close: 'well',
      } as const;
      let sent = 0;
      const estate = createEstate({
        targets: [{ hosts, ...well }],
        state,
        clock,
        batch: () => (sent++ === 1 ? how : 'well'),
      });
      sent = Number.NEGATIVE_INFINITY;
      expect(await countsOf(estate)).toEqual({ 'ok ok': HOSTS });
      sent = 0;
      expect(await countsOf(estate)).toEqual({ 'ok ok': 340, [`ok ${outcome}`]: 170 });
      // One that reads, three that ask.
      expect(sent).toBe(4);
      expect(estate.sessions.closed).toBe(estate.sessions.opened);

      const presumed = await state.accounts.list(running);
      const { username } = await estate.sweep.credentials.read({ env: 'X' }, running);
      expect(presumed.filter(({ user }) => user === username)).toHaveLength(170);
      expect(await countsOf(estate)).toEqual({ 'ok ok': HOSTS });
    },
  );
});

async function countsOf(estate: Estate): Promise<Record<string, number>> {
  const { targets } = await sweepOf(estate);
  const counts: Record<string, number> = {};
  for (const { outcomes } of targets[0]?.hosts ?? []) {
    const printed = Object.values(outcomes).map(printOutcome).join(' ');
    counts[printed] = (counts[printed] ?? 0) + 1;
  }
  return counts;
}
