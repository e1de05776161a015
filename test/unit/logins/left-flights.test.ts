import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { countLostFlights } from '../../../lib/logins/trial/flights.ts';
import { countLeftFlights } from '../../../lib/logins/trial/left-flights.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createState } from '../../../lib/state/state.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import { createEstate, createMemoryState } from '../../support/fake-estate.ts';
import { toFaultyTable } from '../../support/faulty-table.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const OLD = { sweep: 'services', target: 'vc#old' };
const NEW = { sweep: 'services', target: 'vc-new' };
const PROVEN = ['esx1', 'esx2', 'esx3'];

/** A table with two lost batches of a target, whose name the configuration has no more. */
async function startLeft() {
  const clock = createManualClock();
  const table = createMemoryTable();
  const openState = (seen: Table = table) => createState({ table: seen, clock });
  const state = openState();
  const endsAt = clock.now() + MINUTE;
  const flight = { user: 'root', version: 'v1', endsAt };
  const lease = { holder: 'dead', endsAt };
  await state.runs.acquireLease(OLD.sweep, OLD.target, lease, o);
  const begin = (id: string, addresses: string[], unproven: string[] = []) =>
    state.flights.begin(OLD.sweep, OLD.target, { ...flight, id, batch: 0, addresses, unproven }, o);
  await begin('dead#0', PROVEN.slice(0, 2));
  await begin('dead#1', PROVEN.slice(2), ['esx4']);
  let runs = 0;
  /** One run of a process of its own. */
  const count = async ({ seen = table, byTheirOwn = [NEW], runId = '', isForAll = false } = {}) => {
    const own = openState(seen);
    runs += 1;
    return await countLeftFlights(
      { runId: runId || `run-${runs}`, byTheirOwn, isForAll },
      { ...own, clock, log: silentLog },
      o,
    );
  };
  const refusals = async () => {
    const all = await state.accounts.readAll('root', o);
    return [...PROVEN, 'esx4'].map((address) => all.get(address)?.refusals ?? 0);
  };
  const left = async () => (await state.flights.readAll(OLD.sweep, OLD.target, o)).length;
  return { clock, state, table, endsAt, count, refusals, left };
}

const NOBODY = [0, 0, 0, 0];
/** Of the last one each attempt is on record. */
const EACH_ONCE = [1, 1, 1, 0];

describe('batches in flight of a target that was renamed', () => {
  it('are counted by the next run of any sweep once their lease has ended, and no sooner', async () => {
    const { clock, count, refusals, left, state } = await startLeft();
    expect(await count()).toEqual([]);
    expect(await refusals()).toEqual(NOBODY);
    clock.advance(MINUTE);
    expect(await count()).toEqual([]);
    expect(await refusals()).toEqual(EACH_ONCE);
    const unproven = await state.accounts.read('root', 'esx4', o);
    expect(unproven?.lostFlights).toEqual(['dead#1']);
    expect(await left()).toBe(0);
    // A lease of whoever counts would cost a run of that sweep its turn.
    expect(await state.runs.readLease(OLD.sweep, OLD.target, o)).toMatchObject({ holder: 'dead' });
    await count();
    expect(await refusals()).toEqual(EACH_ONCE);
  });

  it('are left to their own run while they are configured', async () => {
    const { clock, count, refusals, left } = await startLeft();
    clock.advance(DAY);
    await count({ byTheirOwn: [NEW, OLD] });
    expect([await refusals(), await left()]).toEqual([NOBODY, 2]);
  });

  it('are left alone while another process with another configuration has their lease', async () => {
    const { clock, state, count, refusals, left } = await startLeft();
    clock.advance(MINUTE);
    const other = { holder: 'another process', endsAt: clock.now() + MINUTE };
    expect(await state.runs.acquireLease(OLD.sweep, OLD.target, other, o)).toBe('acquired');
    await count();
    expect([await refusals(), await left()]).toEqual([NOBODY, 2]);
    expect(await state.runs.readLease(OLD.sweep, OLD.target, o)).toEqual(other);
  });

  it('are left alone until the end of their run where the table gave it no lease', async () => {
    const { clock, state, count, refusals } = await startLeft();
    await state.runs.releaseLease(OLD.sweep, OLD.target, 'dead', o);
    await count();
    expect(await refusals()).toEqual(NOBODY);
    clock.advance(MINUTE);
    await count();
    expect(await refusals()).toEqual(EACH_ONCE);
  });

  it('are all left alone while one of them may be under way', async () => {
    const { clock, state, endsAt, count, refusals, left } = await startLeft();
    await state.runs.releaseLease(OLD.sweep, OLD.target, 'dead', o);
    const alive = { id: 'alive#0', batch: 0, user: 'root', version: 'v1', endsAt: endsAt + MINUTE };
    await state.flights.begin(OLD.sweep, OLD.target, { ...alive, addresses: ['esx4'], unproven: [] }, o);
    clock.advance(MINUTE);
    await count();
    expect([await refusals(), await left()]).toEqual([NOBODY, 3]);
  });

  it('are counted where a clock that was ahead by a year wrote their end and their lease', async () => {
    const { clock, state, count, refusals, left } = await startLeft();
    const endsAt = clock.now() + 365 * DAY;
    const ahead = { id: 'ahead#0', batch: 0, user: 'root', version: 'v1', endsAt };
    await state.flights.end(OLD.sweep, OLD.target, ['dead#0', 'dead#1'], o);
    await state.runs.confirmLease(OLD.sweep, OLD.target, 'dead', { ...o, endsAt });
    await state.flights.begin(OLD.sweep, OLD.target, { ...ahead, addresses: PROVEN, unproven: [] }, o);
    await count();
    expect([await refusals(), await left()]).toEqual([EACH_ONCE, 0]);
  });

  it('are counted once by runs at the same time', async () => {
    const { clock, count, refusals, left } = await startLeft();
    clock.advance(MINUTE);
    await Promise.all(Array.from({ length: 8 }, () => count()));
    expect([await refusals(), await left()]).toEqual([EACH_ONCE, 0]);
  });

  it('are counted before any of several runs logs in, also where another one is slow to count them', async () => {
    const { clock, table, count, refusals, left } = await startLeft();
    clock.advance(MINUTE);
    const slow = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const seen = toFaultyTable(table, {
      answer: async (forward, { isWrite }) => {
        begun.resolve();
        if (isWrite) await slow.promise;
        return await forward();
      },
    });
    const counting = count({ seen });
    await begun.promise;
    await count();
    expect(await refusals()).toEqual(EACH_ONCE);
    slow.resolve();
    await counting;
    expect([await refusals(), await left()]).toEqual([EACH_ONCE, 0]);
  });

  it('are left alone where their run ends in good order while they are looked at', async () => {
    const { clock, state, table, count, refusals } = await startLeft();
    // Prolonged, because its process was stalled.
    clock.advance(MINUTE);
    const lease = { holder: 'dead', endsAt: clock.now() + MINUTE };
    await state.runs.acquireLease(OLD.sweep, OLD.target, lease, o);
    let reads = 0;
    const seen = toFaultyTable(table, {
      answer: async (forward) => {
        reads += 1;
        // The owners, the flights, and then the lease.
        if (reads === 3) {
          await state.flights.end(OLD.sweep, OLD.target, ['dead#0', 'dead#1'], o);
          await state.runs.releaseLease(OLD.sweep, OLD.target, 'dead', o);
        }
        return await forward();
      },
    });
    await count({ seen });
    expect(reads).toBeGreaterThan(3);
    expect(await refusals()).toEqual(NOBODY);
  });

  it('are counted by a run that holds their lease itself, and its own are not', async () => {
    const { clock, state, count, refusals } = await startLeft();
    clock.advance(MINUTE);
    const endsAt = clock.now() + MINUTE;
    await state.runs.acquireLease(OLD.sweep, OLD.target, { holder: 'run-a', endsAt }, o);
    const own = { id: 'run-a#vc#0', batch: 0, user: 'root', version: 'v1', endsAt };
    await state.flights.begin(OLD.sweep, OLD.target, { ...own, addresses: ['esx4'], unproven: [] }, o);
    await count({ byTheirOwn: [], runId: 'run-a' });
    expect(await refusals()).toEqual(EACH_ONCE);
    expect(await state.flights.readAll(OLD.sweep, OLD.target, o)).toMatchObject([{ id: own.id }]);
  });

  it('are counted beside a malformed one, which keeps the name of its sweep and target', async () => {
    const { clock, state, table, count, refusals } = await startLeft();
    const key = { pk: 'run#services#vc%23old', sk: 'flight#odd' };
    await table.replace({ ...key, id: 'odd' }, o);
    clock.advance(8 * DAY);
    expect(await count()).toEqual([expect.stringContaining('sk="flight#odd"')]);
    expect(await refusals()).toEqual(EACH_ONCE);
    await count();
    expect(await state.flights.readOwners(o)).toMatchObject([OLD]);
  });

  it('do not hinder the others where an item is malformed, which is named', async () => {
    const { clock, state, table, count, refusals } = await startLeft();
    const bad = { ...OLD, target: 'vc-bad' };
    const empty = { id: '1', batch: 0, user: 'root', version: 'v1', addresses: [], unproven: [] };
    await state.flights.begin(bad.sweep, bad.target, empty, o);
    await table.update({ pk: 'run#services#vc-bad', sk: 'flight#1' }, { set: { batch: 'x' } }, o);
    await table.replace({ pk: 'flights', sk: 'odd' }, o);
    clock.advance(MINUTE);
    const problems = [expect.stringContaining('sk="odd"'), expect.stringContaining('run#services#vc-bad')];
    expect(await count()).toEqual(problems);
    expect(await refusals()).toEqual(EACH_ONCE);
  });

  it.each([
    ['a flight', { pk: 'run#services#vc%23old', sk: 'flight#odd' }],
    ['the name of a sweep and target', { pk: 'flights', sk: 'odd' }],
  ])(
    'let nobody log in with the one account of a domain while %s is malformed, and the others are counted',
    async (_what, key) => {
      const { clock, table, count, refusals, left } = await startLeft();
      await table.replace({ ...key, id: 'odd' }, o);
      clock.advance(MINUTE);
      await expect(count({ byTheirOwn: [], isForAll: true })).rejects.toThrow(key.sk);
      expect(await refusals()).toEqual(EACH_ONCE);
      await table.writeAll([{ delete: key }], o);
      expect(await count({ byTheirOwn: [], isForAll: true })).toEqual([]);
      expect(await left()).toBe(0);
    },
  );

  it('that are malformed are all named at once where they let nobody log in', async () => {
    const { clock, table, count, state } = await startLeft();
    const items = ['odd-1', 'odd-2'].map((id) => ({ pk: 'run#services#vc%23old', sk: `flight#${id}`, id }));
    for (const item of items) await table.replace(item, o);
    clock.advance(MINUTE);
    const both = /sk="flight#odd-1".*; .*sk="flight#odd-2"/;
    await expect(count({ byTheirOwn: [], isForAll: true })).rejects.toThrow(both);
    await expect(
      countLostFlights({ sweeps: [OLD.sweep], target: OLD.target }, { ...state, log: silentLog }, o),
    ).rejects.toThrow(both);
  });

  it('are read of sixteen sweeps and targets at once, and of no further one when the table is away', async () => {
    const { clock, state, table, count } = await startLeft();
    await state.flights.end(OLD.sweep, OLD.target, ['dead#0', 'dead#1'], o);
    for (let target = 0; target < 100; target += 1) {
      const flight = { id: `dead#${target}`, batch: 0, user: 'root', version: 'v1', endsAt: clock.now() };
      const of = ['services', `vc-${target}`] as const;
      await state.flights.begin(...of, { ...flight, addresses: [], unproven: [] }, o);
    }
    clock.advance(MINUTE);
    let underWay = 0;
    let most = 0;
    const slow = toFaultyTable(table, {
      answer: async (forward) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await nextTurn();
        underWay -= 1;
        return await forward();
      },
    });
    await count({ seen: slow });
    expect(most).toBe(16);
    let calls = 0;
    const away = toFaultyTable(table, {
      answer: async (forward) => {
        calls += 1;
        if (calls === 1) return await forward();
        throw new Error('it is away');
      },
    });
    await expect(count({ seen: away })).rejects.toThrow('it is away');
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
    expect(calls).toBeLessThanOrEqual(1 + 2 * 16);
  });

  it('let nobody log in while the table takes no count', async () => {
    const { clock, table, count, refusals } = await startLeft();
    clock.advance(MINUTE);
    const seen = toFaultyTable(table, {
      answer: (forward, { isWrite }) => (isWrite ? Promise.reject(new Error('it is full')) : forward()),
    });
    await expect(count({ seen })).rejects.toThrow('it is full');
    expect(await refusals()).toEqual(NOBODY);
  });

  it.each([
    ['dies before a call to the table is done', { isDone: false, isEnd: true }],
    ['dies after a call to the table is done', { isDone: true, isEnd: true }],
    ['is not answered a call that was done', { isDone: true, isEnd: false }],
    ['has a call refused', { isDone: false, isEnd: false }],
  ])('each count once, whichever call a run is at that %s', async (_how, { isDone, isEnd }) => {
    let isReached = true;
    for (let at = 1; isReached; at += 1) {
      const { clock, state, table, count, refusals, left } = await startLeft();
      clock.advance(MINUTE);
      let calls = 0;
      const seen = toFaultyTable(table, {
        answer: async (forward) => {
          calls += 1;
          if (calls !== at && !(isEnd && calls > at)) return await forward();
          if (isDone && calls === at) await forward();
          throw new Error('the table is away');
        },
      });
      await count({ seen }).catch(() => undefined);
      isReached = calls >= at;
      // Whoever died with the lease holds up nobody for longer.
      clock.advance(MINUTE / 2);
      await count();
      expect([at, await refusals(), await left()]).toEqual([at, EACH_ONCE, 0]);
      const lease = await state.runs.readLease(OLD.sweep, OLD.target, o);
      expect(lease?.endsAt ?? 0).toBeLessThanOrEqual(clock.now());
      expect(at).toBeLessThan(50);
    }
  });
});

describe('the name of a sweep and target with flights', () => {
  const owners = async ({ state }: Awaited<ReturnType<typeof startLeft>>) =>
    (await state.flights.readOwners(o)).map(({ sweep, target }) => ({ sweep, target }));

  it('goes a week after the last process that began one, and not before its flights', async () => {
    const left = await startLeft();
    left.clock.advance(8 * DAY);
    await left.count();
    expect(await owners(left)).toEqual([OLD]);
    await left.count();
    expect(await owners(left)).toEqual([]);
  });

  it('stays for a week without flights: a process that wrote it believes in it for a day', async () => {
    const left = await startLeft();
    const { clock, state, count } = left;
    await state.flights.end(OLD.sweep, OLD.target, ['dead#0', 'dead#1'], o);
    clock.advance(7 * DAY);
    await count();
    expect(await owners(left)).toEqual([OLD]);
    clock.advance(1);
    await count();
    expect(await owners(left)).toEqual([]);
  });

  it('costs nobody a login while it cannot be taken away, which is told', async () => {
    const { clock, state, table, count } = await startLeft();
    await state.flights.end(OLD.sweep, OLD.target, ['dead#0', 'dead#1'], o);
    clock.advance(8 * DAY);
    const seen = toFaultyTable(table, {
      answer: (forward, { isWrite }) => (isWrite ? Promise.reject(new Error('throttled')) : forward()),
    });
    expect(await count({ seen })).toEqual([expect.stringContaining('throttled')]);
  });

  it('stays while a process begins flights of it, which goes on for longer than a week', async () => {
    const left = await startLeft();
    const { clock, state, count } = left;
    for (let days = 0; days < 10; days += 1) {
      clock.advance(DAY);
      await count();
      const flight = { id: `day-${days}`, batch: 0, user: 'root', version: 'v1' };
      await state.flights.begin(OLD.sweep, OLD.target, { ...flight, addresses: [], unproven: [] }, o);
      expect(await owners(left)).toEqual([OLD]);
      await state.flights.end(OLD.sweep, OLD.target, [flight.id], o);
    }
  });
});

describe('a run', () => {
  it.each([
    ['of a sweep and target that are configured no more', 'services', 'vc-old'],
    ['of a sweep that asks hosts by ssh no more', 'status', 'vc0'],
  ])('counts a lost batch %s before it asks a host', async (_which, sweepName, target) => {
    const clock = createEagerClock();
    const state = createMemoryState(clock);
    const well = {
      login: 'well',
      listing: 'well',
      ticket: 'well',
      clone: 'well',
      retrieval: 'well',
    } as const;
    const hosts = [{ address: '10.0.0.1', ssh: 'refuses' as const }];
    const { sweep, logins } = createEstate({
      targets: [{ ...well, close: 'well', hosts }],
      state,
      clock,
      batch: () => 'well',
    });
    const [services] = sweep.config.sweeps;
    if (services === undefined) throw new RangeError('no sweep');
    const { id, username, version } = await sweep.credentials.read({ env: 'X' }, o);
    await state.accounts.recordSuccess(username, '10.0.0.1', { version }, o);
    const unknown = await state.credentialStates.read(id, o);
    await state.credentialStates.replace({ id, provenVersion: version }, unknown, o);
    const lost = { id: 'dead#0', batch: 0, user: username, version, endsAt: clock.now() };
    await state.flights.begin(sweepName, target, { ...lost, addresses: ['10.0.0.1'], unproven: [] }, o);
    const status = { ...services, name: 'status', collectors: ['overall-status'] };
    const deps = { ...sweep, config: { ...sweep.config, sweeps: [services, status] } };

    await runSweep({ sweep: services }, deps, o);
    expect(logins.get('10.0.0.1')).toBe(1);
    // With what was lost; the host is asked with care, which forgets the flight.
    const account = await state.accounts.read(username, '10.0.0.1', o);
    expect(account).toMatchObject({ refusals: 2 });
    expect(await state.flights.readAll(sweepName, target, o)).toEqual([]);

    await runSweep({ sweep: services }, deps, o);
    expect(logins.get('10.0.0.1')).toBe(1);
  });
});
