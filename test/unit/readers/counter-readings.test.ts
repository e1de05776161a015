import { describe, expect, it } from 'vitest';
import { problemsOf, readingsOf, toAsked, wholeEntities } from '../../../lib/readers/counter-readings.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { EntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { toPerfCounters } from '../../../lib/vsphere/performance/perf-counter.ts';
import { allOf } from './answering.ts';

const counter = (key: number, group: string) => ({
  key,
  groupInfo: { key: group },
  nameInfo: { key: 'usage' },
  unitInfo: { key: 'percent' },
  rollupType: 'average',
});
const KNOWN = toPerfCounters([counter(2, 'cpu'), counter(24, 'mem')]);
const NAMES = new Map([
  [2, 'cpu.usage.average'],
  [24, 'mem.usage.average'],
]);
const NO_MISSING = { series: [], missing: undefined } as const;
const entity = (value: string) => ({ type: 'HostSystem', value });

async function* each<T>(all: readonly T[]) {
  yield* all;
}

describe('toAsked', () => {
  it('has the id of each counter once, with all instances where one need wants them', () => {
    expect(
      toAsked(
        [
          'cpu.usage.average',
          'cpu.usage.average/*',
          'cpu.usage.average',
          'mem.usage.average',
          'disk.none.average',
        ],
        KNOWN,
      ),
    ).toEqual({
      metrics: [
        { counterId: 2, instance: '*' },
        { counterId: 24, instance: '' },
      ],
      names: NAMES,
      unknown: new Set(['disk.none.average']),
    });
    expect(toAsked(['mem.usage.average/*', 'none.usage.average/*'], KNOWN)).toEqual({
      metrics: [{ counterId: 24, instance: '*' }],
      names: new Map([[24, 'mem.usage.average']]),
      unknown: new Set(['none.usage.average']),
    });
  });
});

describe('wholeEntities', () => {
  it('joins the answers of an entity that come one after the other', async () => {
    const answers = ['a', 'a', 'b', 'c', 'c', 'c'].map(
      (value, index): EntityMetrics => ({
        entity: entity(value),
        ...NO_MISSING,
        spoilt: index,
      }),
    );
    const found = await allOf(wholeEntities(each(answers)));
    expect(found.map(([moref, parts]) => [moref, parts.map(({ spoilt }) => spoilt)])).toEqual([
      ['a', [0, 1]],
      ['b', [2]],
      ['c', [3, 4, 5]],
    ]);
    expect(await allOf(wholeEntities(each([])))).toEqual([]);
  });
});

const SPOILT = 'series of counters came with missing values, or with too many, and were left out';
const fault = new VsphereFaultError('QueryPerf', { fault: 'SystemError', text: '' });

describe('what is said of an answer', () => {
  it.each<[string, Omit<EntityMetrics, 'entity' | 'series'>, readonly string[]]>([
    ['that has all', { missing: undefined }, []],
    ['of which no series is spoilt', { missing: undefined, spoilt: 0 }, []],
    ['with a spoilt series', { missing: undefined, spoilt: 1 }, [SPOILT]],
    [
      'that a limit forbids',
      { missing: 'restricted' },
      ['the limit config.vpxd.stats.maxQueryMetrics forbids its counters'],
    ],
    [
      'of an object that is gone',
      { missing: 'vanished', spoilt: 2 },
      [SPOILT, 'vCenter no longer has the object, or no counters of its kind'],
    ],
    ['that is none', { missing: 'no-data' }, ['vCenter answered nothing for its counters']],
    [
      'that was refused',
      { missing: 'refused', fault, spoilt: 1 },
      [SPOILT, 'vCenter refused its counters: SystemError'],
    ],
    ['that was refused without a fault', { missing: 'refused' }, ['vCenter refused its counters: no fault']],
    [
      'of which counters were refused, one of them without a name',
      { missing: 'refused', fault, metrics: [2, 24, 7].map((counterId) => ({ counterId, instance: '' })) },
      ['vCenter refused the counter cpu.usage.average, mem.usage.average, 7: SystemError'],
    ],
  ])('%s has the problems it names, and no other (%j): %j', (_, answer, said) => {
    expect(problemsOf({ entity: entity('host-1'), series: [], ...answer }, NAMES)).toEqual(said);
  });
});

describe('readingsOf', () => {
  const sample = (time: number, value: number | undefined) => ({ time, value, intervalSeconds: 20 });
  const unknown = new Set(['x']);

  it('has the newest value of each instance, over all answers of the entity, and each problem once', async () => {
    const answers: EntityMetrics[] = [
      {
        entity: entity('host-1'),
        missing: undefined,
        spoilt: 1,
        series: [
          { counterId: 2, instance: '', samples: [sample(1, 10), sample(2, 20), sample(3, undefined)] },
          { counterId: 2, instance: '0', samples: [sample(1, 30)] },
          { counterId: 24, instance: '', samples: [] },
          { counterId: 99, instance: '', samples: [sample(1, 1)] },
        ],
      },
      { entity: entity('host-1'), missing: undefined, spoilt: 2, series: [] },
      { entity: entity('host-2'), ...NO_MISSING },
    ];
    expect(await allOf(readingsOf(each(answers), { names: NAMES, unknown }))).toEqual([
      [
        'host-1',
        {
          values: new Map([
            [
              'cpu.usage.average',
              [
                { instance: '', value: 20 },
                { instance: '0', value: 30 },
              ],
            ],
          ]),
          unknown,
          problems: [SPOILT],
        },
      ],
      ['host-2', { values: new Map(), unknown }],
    ]);
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 0],
  ])('since %d ms has %d of the values of 2 ms', async (since, count) => {
    const answers: EntityMetrics[] = [
      {
        entity: entity('a'),
        missing: undefined,
        series: [{ counterId: 2, instance: '', samples: [sample(2, 5)] }],
      },
    ];
    const [found] = await allOf(readingsOf(each(answers), { names: NAMES, unknown }, { since }));
    expect(found?.[1].values.size).toBe(count);
  });
});
