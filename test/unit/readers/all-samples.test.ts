import { describe, expect, it } from 'vitest';
import { readAllSamples } from '../../../lib/readers/all-samples.ts';
import { ONLY_NEWEST } from '../../../lib/readers/reader.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { answering, askedOf, type FakeSeries, perfAnswer } from './answering.ts';

const NOW = Date.UTC(2026, 0, 2, 12);
const STEP = 20_000;
const CPU = 2;
const NET = 143;
const { signal } = new AbortController();
/** The last `count` times until `end`. */
const timesTo = (end: number, count: number) =>
  Array.from({ length: count }, (_, index) => end - (count - 1 - index) * STEP);

type Sent = { moref: string; size: number };

/** A vSphere that answers for one entity with so many samples as are asked for, until `end`; the sample's value is its number. */
async function read(
  wanted: Readonly<Record<string, number>>,
  {
    end = NOW,
    most = Number.POSITIVE_INFINITY,
    seriesOf = (times) => [{ counterId: CPU, values: times.map((_, index) => index) }],
  }: { end?: number; most?: number; seriesOf?: (times: readonly number[]) => readonly FakeSeries[] } = {},
) {
  const sent: Sent[][] = [];
  const connection = answering((call) => {
    const asked = askedOf(call);
    sent.push(asked.map(({ moref, size }) => ({ moref, size })));
    return asked
      .map(({ moref, size }) => {
        const times = timesTo(end, Math.min(size, most));
        return perfAnswer(moref, times, seriesOf(times));
      })
      .join('');
  });
  const names = new Map([
    [CPU, 'cpu'],
    [NET, 'net'],
  ]);
  const asked = { metrics: [{ counterId: CPU, instance: '' }], names, unknown: new Set(['gone']) };
  const all = Object.entries(wanted).map(([value, sinceMs]) => ({
    entity: { type: 'HostSystem', value },
    sinceMs,
  }));
  const readings = [];
  for await (const one of readAllSamples(all, asked, { connection, now: NOW, signal })) readings.push(one);
  return { readings, sent };
}

/** The times of the samples, in steps before now. */
const stepsOf = ({ readings }: Awaited<ReturnType<typeof read>>) =>
  readings.map(([moref, { values }]) => [
    moref,
    values.get('cpu')?.map(({ timeMs }) => (NOW - (timeMs as number)) / STEP),
  ]);

describe('how many samples are asked for', () => {
  it.each([
    ['the newest alone', ONLY_NEWEST, 1],
    ['a time ahead', NOW + 60 * STEP, 4],
    ['now', NOW, 4],
    ['one step', NOW - STEP, 4],
    ['a little more than a step', NOW - STEP - 1, 12],
    ['nine steps', NOW - 9 * STEP, 12],
    ['ten steps', NOW - 10 * STEP, 24],
    ['45 steps', NOW - 45 * STEP, 48],
    ['46 steps', NOW - 46 * STEP, 96],
    ['93 steps', NOW - 93 * STEP, 96],
    ['94 steps', NOW - 94 * STEP, 180],
    ['a day', NOW - 86_400_000, 180],
  ])('since %s: all until then and three more, in few different numbers', async (_, sinceMs, size) => {
    expect((await read({ 'host-1': sinceMs })).sent).toEqual([[{ moref: 'host-1', size }]]);
  });

  it('is one call for all entities with the same number, and none for nobody', async () => {
    const { sent } = await read({ a: NOW, b: NOW - 9 * STEP, c: NOW - STEP });
    expect(sent).toEqual([
      [
        { moref: 'a', size: 4 },
        { moref: 'c', size: 4 },
      ],
      [{ moref: 'b', size: 12 }],
    ]);
    expect((await read({})).sent).toEqual([]);
  });

  it('is the whole hour where the clock of vSphere is so far ahead that samples are missing between', async () => {
    const since = NOW - 2 * STEP;
    const ahead = await read({ 'host-1': since }, { end: since + 15 * STEP });
    expect(ahead.sent.map(([one]) => one?.size)).toEqual([12, 180]);
    expect(stepsOf(ahead)).toEqual([['host-1', timesTo(13, 15).map((_, index) => 1 - index)]]);
    // The oldest of twelve is the next one after that time.
    const justEnough = await read({ 'host-1': since }, { end: since + 12 * STEP });
    expect(justEnough.sent.map(([one]) => one?.size)).toEqual([12]);
  });

  it('is not more where fewer came than asked for, or all that is kept', async () => {
    const since = NOW - 2 * STEP;
    const few = await read({ 'host-1': since }, { end: since + 30 * STEP, most: 11 });
    expect(few.sent).toHaveLength(1);
    expect(few.readings).toHaveLength(1);
    const day = await read({ 'host-1': NOW - 86_400_000 });
    expect(day.sent).toHaveLength(1);
    expect(day.readings[0]?.[1].values.get('cpu')).toHaveLength(180);
  });
});

describe('the samples of a counter', () => {
  const since = NOW - 3 * STEP;

  it('are those after the time, oldest first, with instance, value and time', async () => {
    const seriesOf = (times: readonly number[]): FakeSeries[] => [
      { counterId: CPU, instance: 'a', values: times.map((_, index) => index) },
      { counterId: CPU, instance: 'b', values: times.map(() => -1) },
      { counterId: 99, values: times.map(() => 7) },
      { counterId: NET, values: times.map(() => -1) },
    ];
    const { readings } = await read({ 'host-1': since }, { seriesOf });
    expect(readings).toEqual([
      [
        'host-1',
        {
          values: new Map([
            [
              'cpu',
              [9, 10, 11].map((value) => ({ instance: 'a', value, timeMs: NOW - (11 - value) * STEP })),
            ],
          ]),
          unknown: new Set(['gone']),
        },
      ],
    ]);
  });

  it('leave out those without a value, and are the newest with one where none is after the time', async () => {
    const holes = (times: readonly number[]): FakeSeries[] => [
      { counterId: CPU, values: times.map((time) => (time === NOW - STEP ? -1 : 5)) },
    ];
    expect(stepsOf(await read({ 'host-1': since }, { seriesOf: holes }))).toEqual([['host-1', [2, 0]]]);
    expect(stepsOf(await read({ 'host-1': NOW }))).toEqual([['host-1', [0]]]);
    const noNewest = (times: readonly number[]): FakeSeries[] => [
      { counterId: CPU, values: times.map((time) => (time === NOW ? -1 : 5)) },
    ];
    expect(stepsOf(await read({ 'host-1': NOW }, { seriesOf: noNewest }))).toEqual([['host-1', [1]]]);
  });

  it('end at the newest time that all calls for the entity have, and say what could not be read, once', async () => {
    const asked: number[][] = [];
    const connection = answering((call) => {
      const [one] = askedOf(call);
      asked.push(one?.counters ?? []);
      if ((one?.counters.length ?? 0) > 1) throw refusal('RestrictedByAdministrator');
      const [counterId = 0] = one?.counters ?? [];
      const end = counterId === CPU ? NOW : NOW - STEP;
      const odd = { counterId, instance: 'odd', values: [1] };
      return perfAnswer('host-1', timesTo(end, 4), [{ counterId, values: [1, 2, 3, 4] }, odd]);
    });
    const metrics = [CPU, NET].map((counterId) => ({ counterId, instance: '' }));
    const names = new Map([
      [CPU, 'cpu'],
      [NET, 'net'],
    ]);
    const wanted = [{ entity: { type: 'HostSystem', value: 'host-1' }, sinceMs: NOW - 2 * STEP }];
    const readings = [];
    for await (const one of readAllSamples(
      wanted,
      { metrics, names, unknown: new Set() },
      { connection, now: NOW, signal },
    ))
      readings.push(one);
    // The whole of both, then each.
    expect(asked).toEqual([[CPU, NET], [CPU], [NET]]);
    expect(readings).toEqual([
      [
        'host-1',
        {
          values: new Map([
            ['cpu', [{ instance: '', value: 3, timeMs: NOW - STEP }]],
            ['net', [{ instance: '', value: 4, timeMs: NOW - STEP }]],
          ]),
          unknown: new Set(),
          problems: ['series of counters came with missing values, or with too many, and were left out'],
        },
      ],
    ]);
  });

  it('are none of before 1970', async () => {
    expect(stepsOf(await read({ 'host-1': -STEP }, { end: 0 }))).toEqual([['host-1', undefined]]);
  });

  it('are none where the entity has none', async () => {
    const { readings } = await read(
      { 'host-1': since },
      { seriesOf: () => [{ counterId: CPU, values: [] }] },
    );
    expect(readings).toEqual([['host-1', { values: new Map(), unknown: new Set(['gone']) }]]);
  });
});

const refusal = (fault: string) => new VsphereFaultError('QueryPerf', { fault, text: 'no' });
