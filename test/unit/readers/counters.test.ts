import { describe, expect, it } from 'vitest';
import { counters } from '../../../lib/readers/counters.ts';
import { toPerfCounters } from '../../../lib/vsphere/performance/perf-counter.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { allOf, answering, askedOf, perfAnswer } from './answering.ts';

const NOW = Date.UTC(2026, 0, 2, 12);
const CPU = 'cpu.usage.average';
const KNOWN = toPerfCounters([
  {
    key: 2,
    groupInfo: { key: 'cpu' },
    nameInfo: { key: 'usage' },
    unitInfo: { key: 'percent' },
    rollupType: 'average',
  },
]);

const host = (number: number, power = 'poweredOn', connection = 'connected', sinceMs?: number) => ({
  type: 'HostSystem',
  moref: `host-${number}`,
  properties: new Map([
    ['runtime.powerState', power],
    ['runtime.connectionState', connection],
  ]),
  ...(sinceMs === undefined ? {} : { sinceMs }),
});

async function read(needs: readonly string[], items: readonly ReturnType<typeof host>[]) {
  const asked: string[] = [];
  const connection = answering((call) => {
    const entities = askedOf(call);
    asked.push(entities.map(({ moref, size }) => `${moref} ${size}`).join());
    return entities.map(({ moref }) => perfAnswer(moref, [NOW], [{ counterId: 2, values: [7] }])).join('');
  });
  const session = { connection, counters: async () => KNOWN, retrieve: () => Promise.reject() as never };
  const options = { session, clock: createManualClock(NOW), signal: new AbortController().signal };
  return { found: await allOf(counters.read(needs, items, options)), asked };
}

describe('the reader of counters', () => {
  it('goes by power and connection', () => {
    expect(counters.pathsOf?.([])).toEqual(['runtime.powerState', 'runtime.connectionState']);
  });

  it('asks for the newest value of each object that is on and connected, and for the samples of those with a time', async () => {
    const { found, asked } = await read(
      [CPU],
      [
        host(1),
        host(2, 'poweredOff'),
        host(3, 'poweredOn', 'notResponding'),
        host(4, 'poweredOn', 'connected', NOW - 60_000),
        host(5),
      ],
    );
    const value = { instance: '', value: 7 };
    const reading = (one: object) => ({ values: new Map([[CPU, [one]]]), unknown: new Set() });
    expect(found).toEqual([
      ['host-1', reading(value)],
      ['host-5', reading(value)],
      ['host-4', reading({ ...value, timeMs: NOW })],
    ]);
    expect(asked).toEqual(['host-1 1,host-5 1', 'host-4 12']);
  });

  it('says of each of them that the target has none of the counters, and asks for nothing', async () => {
    const { found, asked } = await read(['disk.none.average'], [host(1), host(2, 'poweredOff')]);
    expect(found).toEqual([['host-1', { values: new Map(), unknown: new Set(['disk.none.average']) }]]);
    expect(asked).toEqual([]);
  });
});
