import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Table } from '../../../lib/state/port.ts';
import { createEventTallyStore } from '../../../lib/state/stores/event-tallies.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import { openKeptTally } from '../../../lib/sweep/run/kept-tally.ts';
import {
  beginOf,
  beginsAnew,
  type CountedEvent,
  countEvents,
  type EventTally,
  OVERLAP_MS,
} from '../../../lib/vsphere/event/event-tally.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const TYPES = ['apd', 'link'] as const;
const orderOf = (runId: string) =>
  ({ runId, sweep: { name: 'watch' }, target: { name: 'vc01' } }) as Pick<
    TargetOrder,
    'runId' | 'sweep' | 'target'
  >;

type WriteFate = 'is done' | 'fails' | 'is done, its answer is lost' | 'is done twice';

/** A table that does its next writes as it is told. */
function createFailingTable() {
  const table = createMemoryTable();
  let fate: WriteFate = 'is done';
  const failing: Table = {
    ...table,
    async putIf(...args) {
      if (fate === 'fails') throw new Error('the table is away');
      const answer = await table.putIf(...args);
      if (fate === 'is done, its answer is lost') throw new Error('the answer was lost');
      // As an SDK does that gets no answer: its second request meets what the first one wrote.
      return fate === 'is done twice' ? await table.putIf(...args) : answer;
    },
  };
  return {
    table: failing,
    let: (next: WriteFate) => {
      fate = next;
    },
  };
}

interface Happened extends CountedEvent {
  /** The next run that is kept and reads it is to count it. */
  owed: boolean;
}

/** A vCenter, the state, and the runs of one sweep. Runs as the reader of events does it, but for the network. */
function createWorld() {
  let now = Date.UTC(2026, 0, 1);
  let [key, runs] = [0, 0];
  let events: Happened[] = [];
  const writes = createFailingTable();
  const store = createEventTallyStore({ table: writes.table });
  const owedTotals = new Map<string, number>(TYPES.map((type) => [type, 0]));

  /** `unknown`: how many events it reads that no run settled; those that were it reads besides. */
  const read = async (unknown: number) => {
    runs += 1;
    const tally = openKeptTally(orderOf(`run-${runs}`), { eventTallies: store });
    const before = await tally.read(o);
    const settled = new Set(before?.seen.map(String));
    const found = events
      .filter(({ time }) => time >= beginOf(before, now))
      .toSorted((one, other) => one.time - other.time);
    let left = unknown;
    const some: Happened[] = [];
    for (const one of found) {
      if (!settled.has(String([one.key, one.time]))) left -= 1;
      if (left < 0) break;
      some.push(one);
    }
    const isWhole = some.length === found.length;
    const isPossible = isWhole || !beginsAnew(before, now);
    const counted = isPossible ? countEvents(before, { now, events: some, isWhole }, TYPES) : undefined;
    return { tally, before, some, counted };
  };

  /** What the model says once this run's tally stands. */
  const settle = ({ before, some }: Awaited<ReturnType<typeof read>>) => {
    const begins = beginsAnew(before, now);
    // What is ahead of the clock is still owed, by a later run.
    for (const one of begins ? events : some.filter(({ time }) => time <= now)) {
      if (one.owed && !begins) owedTotals.set(one.type, (owedTotals.get(one.type) ?? 0) + 1);
      one.owed = false;
    }
  };

  return {
    owed: () => Object.fromEntries(owedTotals),
    async happen(type: string, lateMs: number) {
      const kept = await store.read('watch', 'vc01', o);
      const time = now - lateMs;
      key += 1;
      events.push({ key, time, type, owed: kept !== undefined && time >= kept.tally.from });
    },
    pass(ms: number) {
      now += ms;
    },
    /** Until no event is ahead of the clock. */
    passAll() {
      now = events.reduce((latest, { time }) => Math.max(latest, time), now);
    },
    isAnyOwed: () => events.some(({ owed }) => owed),
    clear() {
      events = [];
      key = 0;
      // Two events with one key at one instant would be one event.
      now += 1;
    },
    /** The totals that are delivered. */
    async run(fate: WriteFate | 'killed before the write', unknown: number) {
      const one = await read(unknown);
      if (fate === 'killed before the write') return undefined;
      if (one.counted === undefined) return one.before?.totals;
      writes.let(fate);
      const kept: EventTally | undefined = await one.tally.keep(one.counted, o).catch(() => one.before);
      writes.let('is done');
      if (fate !== 'fails') settle(one);
      return kept?.totals;
    },
    /** Two that read the same tally, one of which is faster; what each delivers. */
    async runTwo(unknown: number) {
      const [slow, fast] = [await read(unknown), await read(1_000)];
      if (fast.counted === undefined || slow.counted === undefined) return [];
      const first = await fast.tally.keep(fast.counted, o);
      settle(fast);
      const second = await slow.tally.keep(slow.counted, o);
      return [first.totals, second.totals];
    },
  };
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('happen' as const),
        type: fc.constantFrom(...TYPES),
        lateMs: fc.nat(OVERLAP_MS),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.nat(2 * OVERLAP_MS) }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('clear' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('clock back' as const), ms: fc.nat(3 * OVERLAP_MS) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constant('run' as const),
        fate: fc.constantFrom(
          'is done',
          'fails',
          'is done, its answer is lost',
          'is done twice',
          'killed before the write',
        ),
        unknown: fc.constantFrom(1, 2, 1_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('two runs' as const), unknown: fc.constantFrom(1, 1_000) }),
    },
  ),
  { maxLength: 60 },
);

describe('events that are counted over runs', () => {
  it('are neither counted twice nor lost, and no total ever falls, whatever becomes of runs, writes and clocks', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const world = createWorld();
        let last = await world.run('is done', 1_000);
        const deliver = (totals: EventTally['totals'] | undefined) => {
          if (totals === undefined) return;
          for (const type of TYPES) expect(totals[type]).toBeGreaterThanOrEqual(last?.[type] ?? 0);
          last = totals;
        };
        for (const step of sequence) {
          if (step.does === 'happen') await world.happen(step.type, step.lateMs);
          if (step.does === 'pass') world.pass(step.ms);
          if (step.does === 'clock back') world.pass(-step.ms);
          if (step.does === 'clear') world.clear();
          if (step.does === 'run') deliver(await world.run(step.fate, step.unknown));
          if (step.does === 'two runs')
            for (const totals of await world.runTwo(step.unknown)) deliver(totals);
        }
        deliver(await world.run('is done', 1_000));
        world.passAll();
        deliver(await world.run('is done', 1_000));
        expect(last).toEqual(world.owed());
        expect(world.isAnyOwed()).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('are not kept by a dry run', async () => {
    const store = createEventTallyStore({ table: createMemoryTable() });
    const dry = openKeptTally(orderOf('run-1'), { eventTallies: store, dryRun: true });
    expect(await dry.read(o)).toBeUndefined();
    const tally = { at: 1, from: 1, totals: { apd: 1 }, seen: [] };
    expect(await dry.keep(tally, o)).toBe(tally);
    expect(await store.read('watch', 'vc01', o)).toBeUndefined();
  });
});
