import { describe, expect, it } from 'vitest';
import type { EventReading } from '../../../lib/catalogue/sources/events.ts';
import { events } from '../../../lib/readers/events.ts';
import type { KeptTally } from '../../../lib/readers/target-reader.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { type EventTally, OVERLAP_MS } from '../../../lib/vsphere/event/event-tally.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { allOf, answering } from './answering.ts';

const NOW = Date.UTC(2026, 0, 2, 12);
const [DOWN, UP] = ['HostConnectionLostEvent', 'HostConnectedEvent'];
const TYPES = [DOWN, UP];
const BEFORE: EventTally = { at: NOW - 60_000, from: NOW - 60_000, totals: { [DOWN]: 5 }, seen: [] };

const event = (key: number, type: string, time = NOW - 1_000) =>
  `<returnval xsi:type="${type}"><key>${key}</key><createdTime>${new Date(time).toISOString()}</createdTime></returnval>`;

interface Setting {
  readonly before?: EventTally | undefined;
  readonly pages?: readonly string[];
  readonly fail?: (operation: string) => unknown;
  readonly keep?: KeptTally['keep'];
  readonly signal?: AbortSignal;
}

/** One run on a vCenter that answers these pages and then nothing more. */
async function read({
  before,
  pages = [],
  fail = () => undefined,
  keep = async (tally) => tally,
  signal = new AbortController().signal,
}: Setting) {
  const left = [...pages];
  const asked: string[] = [];
  const kept: EventTally[] = [];
  const connection = answering(
    ({ operation, body }) => {
      asked.push(operation === 'CreateCollectorForEvents' ? body : operation);
      const error = fail(operation);
      if (error !== undefined) throw error;
      if (operation === 'CurrentTime') return `<returnval>${new Date(NOW).toISOString()}</returnval>`;
      if (operation === 'CreateCollectorForEvents')
        return '<returnval type="EventHistoryCollector">collector-1</returnval>';
      return operation === 'ReadNextEvents' ? (left.shift() ?? '') : '';
    },
    { eventManager: { type: 'EventManager', value: 'events' } },
  );
  const tally: KeptTally = {
    read: async () => before,
    async keep(next, options) {
      kept.push(next);
      return await keep(next, options);
    },
  };
  const session = {
    connection: connection as never,
    rest: async () => undefined,
    events: { types: TYPES, tally },
  };
  const items = ['group-d1', 'group-d2'].map((moref) => ({ type: 'Folder', moref }));
  const wanted = [{ kind: 'vcenter', needs: ['totals'], items }] as const;
  const found = await allOf(events.read(wanted, { session, clock: createManualClock(NOW), signal }));
  const reading = found[0]?.[2] as EventReading;
  expect(found).toEqual(items.map(({ moref }) => ['vcenter', moref, reading]));
  return { reading, asked, kept };
}

const fault = (name: string, fields: Readonly<Record<string, string>> = {}) =>
  new VsphereFaultError('x', { fault: name, text: '', fields: new Map(Object.entries(fields)) });
const AHEAD =
  'events are not counted: counting cannot begin, because too many have a time ahead of the clock of the vCenter; set it right';

describe('the reader of events', () => {
  it('adds what came since the last run to its totals, keeps them, and has 0 of a type that never came', async () => {
    const { reading, asked, kept } = await read({
      before: BEFORE,
      pages: [event(1, DOWN) + event(2, 'VmPoweredOnEvent'), event(3, DOWN)],
    });
    expect(reading).toEqual({ totals: { [DOWN]: 7, [UP]: 0 }, warnings: [] });
    expect(kept).toEqual([
      {
        at: NOW,
        from: NOW - 60_000,
        totals: { [DOWN]: 7, [UP]: 0 },
        seen: [
          [1, NOW - 1_000],
          [3, NOW - 1_000],
        ],
      },
    ]);
    expect(asked[0]).toBe('CurrentTime');
    expect(asked[1]).toContain(`<beginTime>${new Date(NOW - 60_000).toISOString()}</beginTime>`);
    expect(asked[1]).toContain(
      `<eventTypeId>${DOWN}</eventTypeId><eventTypeId>vim.event.${DOWN}</eventTypeId>`,
    );
    expect(asked.slice(2)).toEqual(['ReadNextEvents', 'ReadNextEvents', 'ReadNextEvents']);
  });

  it('counts nothing in the first run', async () => {
    const { reading } = await read({ pages: [event(1, DOWN, NOW)] });
    expect(reading).toEqual({ totals: { [DOWN]: 0, [UP]: 0 }, warnings: [] });
  });

  it('has the totals that stand where another run was faster', async () => {
    const theirs = { ...BEFORE, totals: { [DOWN]: 9, [UP]: 2, other: 4 } };
    const { reading } = await read({ before: BEFORE, pages: [event(1, DOWN)], keep: async () => theirs });
    expect(reading).toEqual({ totals: { [DOWN]: 9, [UP]: 2 }, warnings: [] });
  });

  it('says that the clock of the vCenter went back, and keeps its totals', async () => {
    const later = NOW + OVERLAP_MS;
    const { reading } = await read({
      before: { ...BEFORE, at: later, from: later },
      pages: [event(1, DOWN, NOW)],
    });
    expect(reading).toEqual({
      totals: { [DOWN]: 5, [UP]: 0 },
      warnings: [
        'the clock of the vCenter went back by more than 15 min: events since the last run are not counted, later ones are',
      ],
    });
  });

  it('says that there were more events than a run reads', async () => {
    const page = (first: number) =>
      Array.from({ length: 500 }, (_, index) => event(first + index, DOWN)).join('');
    const pages = Array.from({ length: 21 }, (_, index) => page(1 + 500 * index));
    const { reading, asked } = await read({ before: BEFORE, pages });
    expect(reading).toEqual({
      totals: { [DOWN]: 10_005, [UP]: 0 },
      warnings: [
        'not all events were read: a run reads 10,000, or for 15 s. The next run goes on from there; leave out of events.types what happens too often',
      ],
    });
    expect(asked.filter((operation) => operation === 'ReadNextEvents')).toHaveLength(20);
  });

  it('does not begin to count where too many events are ahead of the clock', async () => {
    const ahead = Array.from({ length: 3 }, (_, page) =>
      Array.from({ length: 500 }, (__, index) =>
        event(1 + 500 * page + index, DOWN, NOW + 60_000 + 1_000 * (500 * page + index)),
      ).join(''),
    );
    await expect(read({ pages: ahead })).rejects.toThrow(AHEAD);
    const later = NOW + OVERLAP_MS;
    const { reading, kept } = await read({ before: { ...BEFORE, at: later, from: later }, pages: ahead });
    expect(reading).toEqual({ totals: { [DOWN]: 5, [UP]: 0 }, warnings: [AHEAD] });
    expect(kept).toEqual([]);
  });

  it('names the privilege that the account lacks', async () => {
    for (const fields of [{ privilegeId: 'Global.Licenses' }, {}]) {
      const fail = (operation: string) =>
        operation === 'CreateCollectorForEvents' ? fault('NoPermission', fields) : undefined;
      const { reading, kept } = await read({ before: BEFORE, fail });
      expect(reading).toEqual({ totals: {}, warnings: [], lacks: [fields.privilegeId ?? 'System.View'] });
      expect(kept).toEqual([]);
    }
  });

  it('fails where vCenter makes no further collector, with the setting to raise', async () => {
    const error = fault('InvalidState');
    const fail = (operation: string) => (operation === 'CreateCollectorForEvents' ? error : undefined);
    await expect(read({ before: BEFORE, fail })).rejects.toMatchObject({
      message:
        'vCenter creates no further event collector for this session (InvalidState); raise its setting event.maxCollectors',
      cause: error,
    });
  });

  it('fails with every other fault and error as it is', async () => {
    for (const error of [fault('NotAuthenticated'), new Error('cut off')])
      await expect(read({ before: BEFORE, fail: () => error })).rejects.toBe(error);
  });

  it('has the totals of the last run where the state cannot be written, which a first run has not', async () => {
    const keep = async () => {
      throw new Error('disk full');
    };
    const { reading } = await read({ before: BEFORE, pages: [event(1, DOWN)], keep });
    expect(reading).toEqual({
      totals: { [DOWN]: 5, [UP]: 0 },
      warnings: ['events were not counted, because the state cannot be written: disk full'],
    });
    await expect(read({ keep })).rejects.toThrow('disk full');
  });

  it('ends with the signal while the state is written', async () => {
    const ended = new AbortController();
    const keep = async () => {
      ended.abort(new Error('the run is over'));
      throw new Error('disk full');
    };
    await expect(read({ before: BEFORE, keep, signal: ended.signal })).rejects.toThrow('the run is over');
  });
});
