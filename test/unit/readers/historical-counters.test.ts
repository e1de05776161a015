import { describe, expect, it } from 'vitest';
import { historicalCounters } from '../../../lib/readers/historical-counters.ts';
import { toPerfCounters } from '../../../lib/vsphere/performance/perf-counter.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { allOf, answering, perfAnswer, retrievedObject } from './answering.ts';

const NOW = Date.UTC(2026, 0, 2, 12);
const HOUR = 3_600_000;
const COUNTERS = toPerfCounters([
  {
    key: 2,
    groupInfo: { key: 'cpu' },
    nameInfo: { key: 'usage' },
    unitInfo: { key: 'percent' },
    rollupType: 'average',
  },
]);
type Interval = readonly [seconds: number, enabled: boolean];
const interval = ([seconds, enabled]: Interval, index: number) =>
  `<PerfInterval><key>${index}</key><samplingPeriod>${seconds}</samplingPeriod><name>x</name>` +
  `<length>86400</length><enabled>${enabled}</enabled></PerfInterval>`;

/** Reads two datastores from a vCenter whose clock is at noon, with these statistics intervals and times of samples. */
async function read(
  intervals: readonly Interval[],
  times: readonly number[] = [NOW],
  need = 'cpu.usage.average',
) {
  const sent: string[] = [];
  const connection = answering(
    ({ operation, body }) => {
      if (operation === 'CurrentTime') return `<returnval>${new Date(NOW).toISOString()}</returnval>`;
      if (operation === 'QueryPerf') {
        sent.push(body);
        return ['datastore-1', 'datastore-2']
          .map((moref) => perfAnswer(moref, times, [{ counterId: 2, values: times.map((_, i) => i) }], 300))
          .join('');
      }
      const val = `<val xsi:type="ArrayOfPerfInterval">${intervals.map(interval).join('')}</val>`;
      return `<returnval>${retrievedObject(['T', 't'], { historicalInterval: val })}</returnval>`;
    },
    { about: { version: '8.0.3' } as never },
  );
  const items = ['datastore-1', 'datastore-2'].map((moref) => ({
    type: 'Datastore',
    moref,
    properties: new Map(),
  }));
  const session = { connection, counters: async () => COUNTERS, retrieve: () => Promise.reject() as never };
  const options = { session, clock: createManualClock(), signal: new AbortController().signal };
  const found = await allOf(historicalCounters.read([need], items, options));
  return {
    found,
    asked: sent.map((body) => [/<intervalId>(\d+)</.exec(body)?.[1], /<startTime>([^<]*)</.exec(body)?.[1]]),
  };
}

const TOO_LONG =
  'every statistics interval up to an hour is disabled in vCenter. ' +
  'Enable that of 5 minutes under Configure > Settings > General > Edit > Statistics';
const HOUR_BEFORE = '2026-01-02T11:00:00.000Z';

describe('the reader of historical counters', () => {
  it.each<[string, readonly Interval[], string]>([
    [
      'the shortest interval',
      [
        [1_800, true],
        [300, true],
      ],
      '300',
    ],
    [
      'the shortest one that is enabled',
      [
        [300, false],
        [1_800, true],
        [7_200, true],
      ],
      '1800',
    ],
    ['one of an hour', [[3_600, true]], '3600'],
    ["vCenter's default where none is known", [], '300'],
    ['the same where none is enabled', [[60, false]], '300'],
  ])('asks for %s since an hour before the time of the vCenter', async (_, intervals, seconds) => {
    expect((await read(intervals)).asked).toEqual([[seconds, HOUR_BEFORE]]);
  });

  it('asks a vCenter for nothing that keeps only longer intervals, and says so of each item', async () => {
    const { found, asked } = await read([[3_601, true]]);
    const reading = { values: new Map(), unknown: new Set(), problems: [TOO_LONG] };
    expect(found).toEqual([
      ['datastore-1', reading],
      ['datastore-2', reading],
    ]);
    expect(asked).toEqual([]);
  });

  it.each([
    ['an hour old', [NOW - HOUR], 0],
    ['of now, of several', [NOW - HOUR, NOW], 1],
  ])('has the newest value, also one %s', async (_, times, value) => {
    const values = new Map([['cpu.usage.average', [{ instance: '', value }]]]);
    expect((await read([[300, true]], times)).found).toEqual([
      ['datastore-1', { values, unknown: new Set() }],
      ['datastore-2', { values, unknown: new Set() }],
    ]);
  });

  it('has no value that is older than an hour, whatever the server answers', async () => {
    const { found } = await read([[300, true]], [NOW - HOUR - 1_000]);
    expect(found.map(([, { values }]) => values.size)).toEqual([0, 0]);
  });

  it('asks for nothing where the vCenter has none of the counters', async () => {
    const { found, asked } = await read([[300, true]], [NOW], 'disk.none.average');
    const reading = { values: new Map(), unknown: new Set(['disk.none.average']) };
    expect(found).toEqual([
      ['datastore-1', reading],
      ['datastore-2', reading],
    ]);
    expect(asked).toEqual([]);
  });
});
