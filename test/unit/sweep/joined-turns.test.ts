import { describe, expect, it } from 'vitest';
import { leaveForTurn } from '../../../lib/sweep/dispatch/left-for-turn.ts';
import type { PreparedSsh } from '../../../lib/sweep/dispatch/ssh-plan.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import type { AskedTarget } from '../../../lib/sweep/run/asked-target.ts';
import { joinTurns, restOf } from '../../../lib/sweep/run/joined-turns.ts';
import { batchHost, batchResult } from './builders.ts';

const batchOf = (batch: number, hosts: FinishedBatch['hosts']): FinishedBatch => ({
  batch,
  hosts,
  started: true,
  result: { status: 'fulfilled', value: batchResult({ batch }) },
});
const prepared = (changes: Partial<PreparedSsh>) =>
  ({ plan: {}, credential: undefined, run: undefined, problems: [], ...changes }) as PreparedSsh;
const [one, two, three] = [batchHost(1), batchHost(2), batchHost(3)];
const left = (host: typeof one) => leaveForTurn(host);

/** The first turn asks one host and leaves two; the second asks one of them, with another address; the third the last. */
const FIRST: AskedTarget = {
  hosts: [one, two, three],
  finished: [batchOf(0, [one, left(two)]), batchOf(1, [left(three)])],
  problems: ['a', 'b'],
  isLossy: false,
};
const SECOND: AskedTarget = {
  hosts: [{ ...two, address: '10.9.9.9' }, left(three)],
  finished: [batchOf(2, [{ ...two, address: '10.9.9.9' }]), batchOf(3, [left(three)])],
  problems: ['b', 'c'],
  isLossy: true,
};
const THIRD: AskedTarget = { hosts: [three], finished: [batchOf(4, [three])], problems: [], isLossy: false };

describe('the turns of a run', () => {
  it('go on with the hosts that the last one left', () => {
    expect(restOf([])).toEqual(new Set());
    expect(restOf([FIRST])).toEqual(new Set(['host-2', 'host-3']));
    expect(restOf([FIRST, SECOND])).toEqual(new Set(['host-3']));
    expect(restOf([FIRST, SECOND, THIRD])).toEqual(new Set());
  });

  it('are one result, with what came of each host in the last turn that had it', () => {
    const joined = joinTurns([FIRST, SECOND, THIRD]);
    expect(joined.hosts.map(({ moref, address }) => [moref, address])).toEqual([
      ['host-1', '10.0.0.1'],
      ['host-2', '10.9.9.9'],
      ['host-3', '10.0.0.3'],
    ]);
    expect(joined.finished.map(({ batch, hosts }) => [batch, hosts.map(({ moref }) => moref)])).toEqual([
      [0, ['host-1']],
      [2, ['host-2']],
      [4, ['host-3']],
    ]);
    expect(joined.problems).toEqual(['a', 'b', 'c']);
    expect(joined.isLossy).toBe(true);
  });

  it('keep a host that nobody asked as it was left by the last one', () => {
    const { finished } = joinTurns([FIRST, SECOND]);
    expect(finished.map(({ batch, hosts }) => [batch, hosts.length])).toEqual([
      [0, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(finished.at(-1)?.hosts).toEqual([left(three)]);
  });

  it('are what a single one is', () => {
    expect(joinTurns([FIRST])).toBe(FIRST);
    expect(() => joinTurns([])).toThrow(new RangeError('no turn'));
  });

  it('land the batches with the flights of each, and are landed where all are', async () => {
    const landed: string[] = [];
    const turn = (name: string, isLanded: boolean): AskedTarget => ({
      ...FIRST,
      flights: {
        land: async () => {
          landed.push(name);
          return isLanded;
        },
      },
    });
    const options = { signal: new AbortController().signal };
    const land = (...turns: AskedTarget[]) => joinTurns(turns).flights?.land([], options);
    expect(await land(turn('a', true), FIRST, turn('b', true))).toBe(true);
    expect(await land(turn('c', false), turn('d', true))).toBe(false);
    expect(landed).toEqual(['a', 'b', 'c', 'd']);
  });

  it('have the plan of the last turn in which anybody might have been asked, and all that was said', () => {
    const [asked, idle] = [
      prepared({ run: {} as never, lostFlights: 2, problems: ['x'] }),
      prepared({ lostFlights: 1, problems: ['x', 'y'] }),
    ];
    const ssh = (...some: readonly (PreparedSsh | undefined)[]) =>
      joinTurns([FIRST, SECOND, THIRD].map((turn, index) => ({ ...turn, ssh: some[index] }))).ssh;
    expect(ssh(asked, idle)).toEqual({ ...asked, lostFlights: 3, problems: ['x', 'y'] });
    expect(ssh(idle, prepared({ problems: ['z'] }))).toEqual({
      ...prepared({}),
      lostFlights: 1,
      problems: ['x', 'y', 'z'],
    });
    expect(ssh()).toBeUndefined();
  });
});
