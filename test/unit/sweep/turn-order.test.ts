import { describe, expect, it } from 'vitest';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { createState } from '../../../lib/state/state.ts';
import { isLeftForTurn } from '../../../lib/sweep/dispatch/left-for-turn.ts';
import { tell } from '../../../lib/sweep/run/progress.ts';
import { openRunFirst, unlessRunWaits } from '../../../lib/sweep/run/run-first.ts';
import { sweepsOverSsh, takeSshTurn } from '../../../lib/sweep/run/ssh-turn.ts';
import { createTurnsHere } from '../../../lib/sweep/run/turns-here.ts';
import { whileInTurn } from '../../../lib/sweep/run/while-in-turn.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost } from './builders.ts';

const o = { signal: new AbortController().signal };
type Config = Parameters<typeof sweepsOverSsh>[0];
const sweep = (name: string, everyMs: number, more: object = {}) => ({
  name,
  everyMs,
  collectors: ['ssh-services'],
  ...more,
});
const config = {
  targets: [{ name: 'vc1' }, { name: 'vc2' }],
  sweeps: [
    sweep('slow', 900_000),
    sweep('b', 60_000),
    sweep('a', 60_000),
    sweep('c', 60_000),
    sweep('other', 1_000, { targets: ['vc2'] }),
    sweep('reads', 1_000, { collectors: ['hosts'] }),
    sweep('fast', 30_000, { targets: ['vc1'] }),
  ],
} as unknown as Config;

describe('the sweeps that ask the hosts of a target by ssh', () => {
  it('are those of that target that ask by ssh, the most frequent first, in each process alike', () => {
    expect(sweepsOverSsh(config, 'vc1')).toEqual(['fast', 'a', 'b', 'c', 'slow']);
    expect(sweepsOverSsh(config, 'vc2')).toEqual(['other', 'a', 'b', 'c', 'slow']);
    const turned = { ...config, sweeps: config.sweeps.toReversed() };
    expect(sweepsOverSsh(turned, 'vc1')).toEqual(['fast', 'a', 'b', 'c', 'slow']);
  });
});

describe('why a run has no turn', () => {
  async function why(sweepName: string, holder?: { sweep: string; target: string; ms?: number }) {
    const clock = createManualClock(Date.UTC(2026, 0, 1));
    const { runs } = createState({ table: createMemoryTable(), clock });
    if (holder !== undefined)
      await runs.acquireLease(
        holder.sweep,
        holder.target,
        { holder: 'x', endsAt: clock.now() + (holder.ms ?? 60_000) },
        o,
      );
    const turn = await takeSshTurn(
      {
        runId: 'run-1',
        sweep: { name: sweepName },
        target: { name: 'vc1' },
        times: { leaseEnd: clock.now() + 60_000, workerEnd: clock.now() },
        timeline: { msUntil: () => 0 },
      },
      { config, runs, turnsHere: createTurnsHere(), clock, log: silentLog },
      o,
    );
    return turn.kind === 'busy' ? turn.why : turn.kind;
  }

  it('is said with what to do about it', async () => {
    expect(await why('a')).toBe('held');
    expect(await why('other')).toBe(
      'no login was tried: sweep other does not ask the hosts of vc1 by ssh. Name vc1 in its "targets", or use a sweep that has it',
    );
    expect(await why('a', { sweep: '#ssh', target: 'vc1' })).toBe(
      'no login was tried: another sweep asks the hosts of this target by ssh at the moment, until 2026-01-01T00:01:00.000Z unless it goes on. The next run tries again; if this repeats, give one of the sweeps a longer "every"',
    );
    const waits = { sweep: '#waits:fast', target: 'vc1' };
    expect(await why('a', waits)).toBe(
      'no login was tried: another sweep asks the hosts of this target by ssh at the moment. The next run tries again; if this repeats, give one of the sweeps a longer "every"',
    );
    // By a clock that is ahead.
    expect(await why('a', { ...waits, ms: 75_001 })).toBe('held');
    expect(await why('a', { ...waits, sweep: '#waits:b' })).toBe('held');
    expect(await why('b', { sweep: 'b', target: 'vc1' })).toBe(
      'no login was tried: another run of this sweep is under way',
    );
  });
});

describe('the turns within one process', () => {
  it('are one run’s at a time for each target, and are given back by that run alone', () => {
    const turns = createTurnsHere();
    expect([
      turns.take('vc1', 'a'),
      turns.take('vc1', 'a'),
      turns.take('vc1', 'b'),
      turns.take('vc2', 'b'),
    ]).toEqual([true, true, false, true]);
    turns.giveBack('vc1', 'b');
    expect(turns.take('vc1', 'b')).toBe(false);
    turns.giveBack('vc1', 'a');
    expect(turns.take('vc1', 'b')).toBe(true);
  });

  it('know since when the table could not tell, of each target, until it does', () => {
    const turns = createTurnsHere();
    expect([turns.failedFor('vc1', 100), turns.failedFor('vc1', 150), turns.failedFor('vc2', 160)]).toEqual([
      0, 50, 0,
    ]);
    turns.answered('vc1');
    expect([turns.failedFor('vc1', 200), turns.failedFor('vc2', 200)]).toEqual([0, 40]);
  });
});

describe('a batch whose turn is lost', () => {
  const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'lockdown' } })];
  const lost = { confirm: async () => false };

  it('asks nobody: where others may wait its hosts are left for the next turn, else they say why', async () => {
    const alone = await whileInTurn(lost, undefined).begin({ batch: 0, hosts }, o);
    expect(alone.map(({ ssh }) => ssh)).toEqual([
      {
        skip: 'other-process',
        why: 'no login was tried: this run was delayed, and another sweep asks the hosts of this target by now. The next run tries again',
      },
      { skip: 'lockdown' },
    ]);
    const among = await whileInTurn({ ...lost, isWanted: async () => false }, undefined).begin(
      { batch: 0, hosts },
      o,
    );
    expect(among.map(isLeftForTurn)).toEqual([true, false]);
  });

  it('is asked where the turn is held, also without a record', async () => {
    const held = { confirm: async () => true };
    expect(await whileInTurn(held, undefined).begin({ batch: 0, hosts }, o)).toEqual(hosts);
  });
});

describe('a run of one host', () => {
  it('begins no login while a run of its sweep waits, and says so; a host that is left alone keeps its reason', async () => {
    const clock = createManualClock();
    const { runs } = createState({ table: createMemoryTable(), clock });
    const of = { sweep: 's', target: 'vc1' };
    const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'lockdown' } })];
    const { begin } = unlessRunWaits(of, undefined, { runs, clock });
    expect(await begin({ batch: 0, hosts }, o)).toEqual(hosts);
    const first = openRunFirst({ ...of, runId: 'waits' }, { runs, clock });
    await first.announce(10_000, o);
    expect((await begin({ batch: 0, hosts }, o)).map(({ ssh }) => ssh)).toEqual([
      {
        skip: 'other-process',
        why: 'no login was tried: a run of the sweep s waits for its lease, and goes first. Try again when it is over',
      },
      { skip: 'lockdown' },
    ]);
    // What the wait and 30 s more have passed.
    clock.advance(39_999);
    expect((await begin({ batch: 0, hosts }, o))[0]?.ssh).not.toBe('try');
    clock.advance(1);
    expect(await begin({ batch: 0, hosts }, o)).toEqual(hosts);
  });
});

describe('whoever watches the progress', () => {
  it('costs the run nothing by what it throws, which the log has', () => {
    const lines: string[] = [];
    const log = createLineLog({ level: 'debug', write: (line) => lines.push(line) });
    const progress = { target: 'vc1', done: 1, hosts: 2 };
    const seen: unknown[] = [];
    tell(progress, { log, onProgress: (one) => seen.push(one) });
    tell(progress, { log });
    expect([seen, lines]).toEqual([[progress], []]);
    tell(progress, {
      log,
      onProgress: () => {
        throw new Error('no terminal');
      },
    });
    expect(lines).toEqual(['debug the progress could not be shown target="vc1" error="no terminal"']);
  });
});
