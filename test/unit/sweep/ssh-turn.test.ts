import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { createState } from '../../../lib/state/state.ts';
import { isLeftForTurn } from '../../../lib/sweep/dispatch/left-for-turn.ts';
import { SSH_TURN, TURN_MS } from '../../../lib/sweep/run/kept-turn.ts';
import { takeSshTurn } from '../../../lib/sweep/run/ssh-turn.ts';
import { createTurnsHere } from '../../../lib/sweep/run/turns-here.ts';
import { whileInTurn } from '../../../lib/sweep/run/while-in-turn.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost } from './builders.ts';

const o = { signal: new AbortController().signal };
const SECOND = 1_000;
type Deps = Parameters<typeof takeSshTurn>[1];

/** Sweeps of one target; s0 has the shortest interval. Each run has a process of its own unless it says otherwise. */
function start(sweeps = 2) {
  const clock = createManualClock();
  const { runs } = createState({ table: createMemoryTable(), clock });
  const config = {
    targets: [{ name: 'vc1' }],
    sweeps: Array.from({ length: sweeps }, (_, index) => ({
      name: `s${index}`,
      everyMs: (index + 1) * 60 * SECOND,
      collectors: ['ssh-services'],
    })),
  } as unknown as Deps['config'];
  const take = (runId: string, changes: Partial<Deps> = {}, sweep = 's0', workerMs = 40 * SECOND) =>
    takeSshTurn(
      {
        runId,
        sweep: { name: sweep },
        target: { name: 'vc1' },
        times: { leaseEnd: clock.now() + 24 * 3_600 * SECOND, workerEnd: clock.now() + workerMs },
        timeline: { msUntil: () => workerMs },
      },
      { config, runs, turnsHere: createTurnsHere(), clock, log: silentLog, ...changes },
      o,
    );
  /** Steps of half a second, each with all that follows from it. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const until = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) await pass(500);
    return await ended;
  };
  return { runs, take, clock, pass, until };
}

async function held(taking: ReturnType<typeof takeSshTurn>) {
  const turn = await taking;
  if (turn.kind !== 'held') throw new Error(turn.why);
  onTestFinished(() => turn.release());
  return turn;
}

const away = () => Promise.reject(new StateError('no table', { code: 'unavailable' }));

describe('the turn of asking hosts by ssh', () => {
  it('is one run’s at a time', async () => {
    const { take, runs, until } = start();
    const first = await held(take('first'));
    expect(await until(take('second', {}, 's1'))).toEqual({
      kind: 'busy',
      why: expect.stringContaining('another sweep asks'),
    });
    await first.release();
    expect(await runs.readLease(SSH_TURN, 'vc1', o)).toBeUndefined();
    await held(take('second', {}, 's1'));
  });

  it('is not written where one sweep alone asks', async () => {
    const { take, runs } = start(1);
    await held(take('first'));
    expect(await runs.readLease(SSH_TURN, 'vc1', o)).toBeUndefined();
  });

  it('is not had by a sweep that does not ask the hosts of the target, although nobody has it', async () => {
    const { take } = start(1);
    expect(await take('stranger', {}, 'of-other-targets')).toEqual({
      kind: 'busy',
      why: expect.stringContaining('sweep of-other-targets does not ask the hosts of vc1 by ssh'),
    });
  });

  it('of a run that died is over after a minute, whatever the interval of its sweep', async () => {
    const { take, runs, clock, until } = start();
    const lease = { holder: 'dead', endsAt: clock.now() + 24 * 3_600 * SECOND };
    await runs.acquireLease('s1', 'vc1', lease, o);
    await runs.acquireLease(SSH_TURN, 'vc1', { holder: 'dead', endsAt: clock.now() + TURN_MS }, o);
    await until(held(take('next', {}, 's0', 150 * SECOND)));
  });

  it('lasts as long as its run goes on', async () => {
    const { take, runs, clock, pass } = start();
    const turn = await held(take('first'));
    expect((await runs.readLease(SSH_TURN, 'vc1', o))?.endsAt).toBe(clock.now() + TURN_MS);
    await pass(5 * TURN_MS);
    expect((await runs.readLease(SSH_TURN, 'vc1', o))?.endsAt).toBeGreaterThan(clock.now() + TURN_MS / 2);
    expect(await turn.confirm()).toBe(true);
  });

  it('is lost to a run that took it while this process was paused: then no further host is asked', async () => {
    const { take, runs, clock, until } = start();
    const pause = Promise.withResolvers<void>();
    let isPaused = false;
    const confirmLease: typeof runs.confirmLease = async (...given) => {
      if (isPaused) await pause.promise;
      return await runs.confirmLease(...given);
    };
    const paused = await held(take('paused', { runs: { ...runs, confirmLease } }));
    isPaused = true;
    clock.advance(TURN_MS);
    await until(held(take('other', {}, 's1')));
    pause.resolve();
    expect(await paused.confirm()).toBe(false);
    await paused.release();
    expect((await runs.readLease(SSH_TURN, 'vc1', o))?.holder).toBe('other');
  });

  it('is awaited for half of the workers’ time, however long a turn of the other sweep takes', async () => {
    const { take, pass, until } = start();
    const long = await held(take('long', {}, 's1'));
    const waiting = take('waiting', {}, 's0', 600 * SECOND);
    await pass(280 * SECOND);
    await long.release();
    await until(held(waiting));
  });

  it('goes to no run that has lost its lease: what it has under way would count as lost', async () => {
    const { take, runs, clock, until } = start();
    await runs.acquireLease('s0', 'vc1', { holder: 'newer', endsAt: clock.now() + 3_600 * SECOND }, o);
    expect(await until(take('older'))).toMatchObject({
      kind: 'busy',
      why: expect.stringContaining('this sweep'),
    });
    expect(await runs.readLease(SSH_TURN, 'vc1', o)).toBeUndefined();
  });
});

describe('a run of a more frequent sweep that waits', () => {
  it('is told to whoever has the turn, a second after that began at the earliest, until it has it itself', async () => {
    const { take, clock, pass, until } = start();
    const rare = await held(take('rare', {}, 's1'));
    expect(await rare.isWanted?.(o)).toBe(false);
    const frequent = take('frequent');
    await pass(999);
    clock.advance(500);
    expect(await rare.isWanted?.(o)).toBe(true);
    await rare.release();
    await until(held(frequent));
    const again = take('rare', {}, 's1', 10 * SECOND);
    expect((await until(again)).kind).toBe('busy');
  });

  it('is told at the second batch to whoever prepared for longer than a second, not a second after that', async () => {
    const { take, pass, until } = start();
    const rare = await held(take('rare', {}, 's1'));
    const frequent = take('frequent');
    await pass(5 * SECOND);
    // Its first batch is let through, so that a turn asks somebody.
    expect(await rare.isWanted?.(o)).toBe(false);
    expect(await rare.isWanted?.(o)).toBe(true);
    await rare.release();
    await until(held(frequent));
  });

  it('comes before one of a less frequent sweep, also where both wait', async () => {
    const { take, pass, until } = start(3);
    const first = await held(take('first', {}, 's2'));
    const order: string[] = [];
    const note = (name: string) => async (turn: Awaited<ReturnType<typeof held>>) => {
      order.push(name);
      await turn.release();
    };
    const rare = held(take('rare', {}, 's1', 600 * SECOND)).then(note('rare'));
    await pass(5 * SECOND);
    const frequent = held(take('frequent', {}, 's0', 600 * SECOND)).then(note('frequent'));
    await pass(SECOND);
    await first.release();
    await until(Promise.all([rare, frequent]));
    expect(order).toEqual(['frequent', 'rare']);
  });

  it('that died is forgotten within 15 s', async () => {
    const { take, runs, clock, until } = start();
    const wait = { holder: 'dead', endsAt: clock.now() + 15 * SECOND };
    await runs.acquireLease('#waits:s0', 'vc1', wait, o);
    const begunAt = clock.now();
    await until(held(take('rare', {}, 's1', 600 * SECOND)));
    expect(clock.now() - begunAt).toBeGreaterThan(14 * SECOND);
    expect(clock.now() - begunAt).toBeLessThan(25 * SECOND);
  });

  it('by a clock that is far ahead is none', async () => {
    const { take, runs, clock } = start();
    const wait = { holder: 'ahead', endsAt: clock.now() + 3_600 * SECOND };
    await runs.acquireLease('#waits:s0', 'vc1', wait, o);
    await held(take('rare', {}, 's1'));
  });

  it('of a less frequent sweep keeps nobody waiting, and nobody asks for it', async () => {
    const { take, pass, runs, clock } = start();
    const frequent = await held(take('frequent'));
    expect(frequent.isWanted).toBeUndefined();
    void take('rare', {}, 's1', 600 * SECOND).catch(() => undefined);
    await pass(2 * SECOND);
    expect((await runs.readLease('#waits:s1', 'vc1', o))?.endsAt).toBeGreaterThan(clock.now());
    await frequent.release();
    await runs.releaseLease('s0', 'vc1', 'frequent', o);
    await held(take('frequent-2'));
  });

  it('leaves no record once it gave up', async () => {
    const { take, runs, until } = start();
    await held(take('long', {}, 's1'));
    expect((await until(take('frequent'))).kind).toBe('busy');
    expect(await runs.readLease('#waits:s0', 'vc1', o)).toBeUndefined();
  });

  it('that cannot be looked up costs no turn', async () => {
    const { take, runs } = start();
    const turn = await held(take('rare', { runs: { ...runs, readLease: away } }, 's1'));
    expect(await turn.isWanted?.(o)).toBe(false);
  });
});

describe('where the state table fails', () => {
  it('a turn whose answer was lost is given back by the run that gives up', async () => {
    const { take, runs, until } = start();
    const acquireLease: typeof runs.acquireLease = async (...given) => {
      await runs.acquireLease(...given);
      return await away();
    };
    const turn = await until(take('first', { runs: { ...runs, acquireLease } }));
    expect(turn.kind).toBe('busy');
    expect(await runs.readLease(SSH_TURN, 'vc1', o)).toBeUndefined();
  });

  it('a turn is given back although the first try fails', async () => {
    const { take, runs } = start();
    let tries = 0;
    const releaseLease: typeof runs.releaseLease = async (...given) => {
      tries += 1;
      return tries === 1 ? await away() : await runs.releaseLease(...given);
    };
    const turn = await held(take('first', { runs: { ...runs, releaseLease } }));
    await turn.release();
    expect(await runs.readLease(SSH_TURN, 'vc1', o)).toBeUndefined();
  });

  it('one failure costs no turn', async () => {
    const { take, runs, until } = start();
    let tries = 0;
    const acquireLease: typeof runs.acquireLease = async (...given) => {
      tries += 1;
      return tries === 1 ? await away() : await runs.acquireLease(...given);
    };
    expect(await until(held(take('first', { runs: { ...runs, acquireLease } })))).toMatchObject({
      isByMemory: false,
    });
  });

  it('nobody asks until the turns of other processes have ended, and then the most frequent sweep alone, by memory', async () => {
    const { take, runs, until, pass } = start();
    const there = { runs: { ...runs, acquireLease: away, releaseLease: away }, turnsHere: createTurnsHere() };
    expect(await until(take('run-1', there))).toMatchObject({
      kind: 'busy',
      why: expect.stringContaining('could not be read from the state table: no table'),
    });
    await pass(2 * TURN_MS);
    expect((await until(take('run-2', there, 's1'))).kind).toBe('busy');
    const turn = await until(held(take('run-3', there)));
    expect(turn.isByMemory).toBe(true);
    expect((await until(take('run-4', there, 's0'))).kind).toBe('busy');
  });

  it('an answer that makes no sense is no reason to go by memory', async () => {
    const { take, runs, until, pass } = start();
    const odd = () => Promise.reject(new StateError('odd', { code: 'malformed' }));
    const there = { runs: { ...runs, acquireLease: odd }, turnsHere: createTurnsHere() };
    await until(take('run-1', there));
    await pass(2 * TURN_MS);
    expect((await until(take('run-2', there))).kind).toBe('busy');
  });
});

describe('a batch in a turn', () => {
  it('is put on record before the turn is confirmed, and asks nobody where it is lost', async () => {
    const order: string[] = [];
    const inTurn = (isHeld: boolean) =>
      whileInTurn(
        { confirm: async () => order.push('confirm') > 0 && isHeld },
        {
          begin: async ({ hosts }) => {
            order.push('record');
            return hosts;
          },
        },
      );
    const batch = { batch: 0, hosts: [batchHost(1)] };
    expect(await inTurn(true).begin(batch, o)).toEqual(batch.hosts);
    expect((await inTurn(false).begin(batch, o))[0]?.ssh).toMatchObject({ skip: 'other-process' });
    expect(order).toEqual(['record', 'confirm', 'record', 'confirm']);
  });

  it('does not begin while the turn is wanted, and is not put on record; one that is asked with care does', async () => {
    const begun: number[] = [];
    const { begin } = whileInTurn(
      { confirm: async () => true, isWanted: async () => true },
      {
        begin: async ({ hosts, batch }) => {
          begun.push(batch);
          return hosts;
        },
      },
    );
    const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'lockdown' } })];
    const left = await begin({ batch: 0, hosts }, o);
    expect(left.map(isLeftForTurn)).toEqual([true, false]);
    expect(await begin({ batch: 1, hosts, care: 'slice' }, o)).toEqual(hosts);
    expect(begun).toEqual([1]);
  });
});
