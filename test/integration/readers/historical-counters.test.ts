import { describe, expect, it } from 'vitest';
import { type CounterReading, HISTORICAL_COUNTERS } from '../../../lib/catalogue/sources/counter.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { type DemoStatistics, demoStatistic } from '../../../lib/demo/vcenter/performance-manager.ts';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { readingsOf } from '../../../lib/readers/counter-readings.ts';
import { historicalCounters } from '../../../lib/readers/historical-counters.ts';
import type { ReaderSession } from '../../../lib/readers/reader.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { EntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { createKeptCounters } from '../../../lib/vsphere/performance/kept-counters.ts';
import { retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { demoHosts, loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const signal = testSignal();
const properties = new Map();
const DATASTORES = ['datastore-11', 'datastore-12'].map((moref) => ({
  type: 'Datastore',
  moref,
  properties,
}));
const NOON = Date.parse('2026-01-02T12:02:00Z');
const LAST = Date.parse('2026-01-02T12:00:00Z');

async function readFrom(
  needs: readonly string[],
  items: readonly { type: string; moref: string; properties: typeof properties }[],
  statistics: DemoStatistics = {},
  edit: (answer: string) => string = (answer) => answer,
) {
  const clock: Clock = { ...systemClock, now: () => NOON };
  await using vcenter = await startTarget({
    hosts: demoHosts(6),
    estate: createDemoEstate(),
    statistics,
    clock,
  });
  await using session = await loginTo(vcenter);
  const kept = createKeptCounters(systemClock);
  const sent: string[] = [];
  const ofSession: ReaderSession = {
    connection: { ...session, transport: edited(session.transport, edit, sent) },
    retrieve: (query, options) => retrieveObjects(session, query, options),
    counters: (options) => kept.of('vc', session, options),
  };
  const readings = new Map<string, CounterReading>();
  for await (const [moref, reading] of historicalCounters.read(needs, items, {
    session: ofSession,
    clock,
    signal,
  })) {
    expect(readings.has(moref), 'an item comes once').toBe(false);
    readings.set(moref, reading);
  }
  const intervals = sent.flatMap((body) => /<intervalId>(\d+)</.exec(body)?.[1] ?? []);
  return { readings, calls: vcenter.stats.calls['QueryPerf'] ?? 0, intervals };
}

/** As a vCenter with other settings answers. */
const edited =
  (transport: Transport, edit: (answer: string) => string, sent: string[]): Transport =>
  async (call, options) => {
    sent.push(call.body);
    const reply = await transport(call, options);
    async function* body() {
      const chunks: Uint8Array[] = [];
      for await (const chunk of reply.body) chunks.push(chunk);
      yield Buffer.from(edit(Buffer.concat(chunks).toString()));
    }
    return { ...reply, body: body(), [Symbol.asyncDispose]: () => reply[Symbol.asyncDispose]() };
  };
/** Disables the first intervals of those that are 300 s, 1,800 s, 7,200 s and 86,400 s. */
const withoutIntervals = (count: number) => (answer: string) => {
  let left = answer.includes('PerfInterval') ? count : 0;
  return answer.replaceAll('<enabled>true<', (found) => (left-- > 0 ? '<enabled>false<' : found));
};

/** Their references are the same in every vCenter of the tests. */
async function clustersOf() {
  await using vcenter = await startTarget({ hosts: demoHosts(6), estate: createDemoEstate() });
  await using session = await loginTo(vcenter);
  const { others } = await listInventory(
    session,
    { kinds: ['cluster'], managementAddress: false },
    { signal },
  );
  const items = others.get('cluster')?.items ?? [];
  return items.map(({ moref }) => ({ type: 'ClusterComputeResource', moref, properties }));
}

describe('the reader of historical performance counters', () => {
  it("has the newest value of vCenter's clock, whatever the clock of this process says", async () => {
    const { readings, calls } = await readFrom(['disk.used.latest'], DATASTORES);
    expect(calls).toBe(1);
    const value = demoStatistic({ type: 'Datastore', value: 'datastore-12' }, { key: 2_281 }, LAST);
    expect(readings.get('datastore-12')?.values.get('disk.used.latest')).toEqual([{ instance: '', value }]);
    expect([...readings.keys()]).toEqual(['datastore-11', 'datastore-12']);
  });

  it('asks for no more a call than the limit of the vCenter', async () => {
    const needs = ['disk.used.latest', 'disk.provisioned.latest', 'disk.unshared.latest'];
    const calls = async (maxQueryMetrics: string) => {
      const read = await readFrom(needs, DATASTORES, { maxQueryMetrics });
      for (const reading of read.readings.values()) expect(reading.values.size).toBe(3);
      expect(read.readings.size).toBe(2);
      return read.calls;
    };
    expect(await calls('-1')).toBe(1);
    expect(await calls('3')).toBe(2);
    expect(await calls('2')).toBe(4);
  });

  it('asks again in halves where a cluster counts for more, and says where even that is too much', async () => {
    const clusters = await clustersOf();
    const needs = ['cpu.usage.average', 'mem.usage.average'];
    const halved = await readFrom(needs, clusters.slice(0, 1), { maxQueryMetrics: '4', clusterWeight: 4 });
    expect(halved.calls).toBe(3);
    for (const reading of halved.readings.values()) expect(reading.values.size).toBe(2);
    const forbidden = await readFrom(needs, clusters.slice(0, 1), { maxQueryMetrics: '4', clusterWeight: 5 });
    expect([...forbidden.readings.values()]).toMatchObject([
      { problems: ['the limit config.vpxd.stats.maxQueryMetrics forbids its counters'] },
    ]);
  });

  it('has no value of an object of which vCenter has none', async () => {
    const { readings } = await readFrom(['disk.used.latest'], DATASTORES, {
      withoutValues: ['datastore-11'],
    });
    const sizes = Array.from(readings, ([moref, { values }]) => [moref, values.size]);
    expect(sizes).toEqual([
      ['datastore-11', 0],
      ['datastore-12', 1],
    ]);
  });

  it('says of an object that has vanished, and of one that is left out of the answer, why there is no value', async () => {
    const gone = { type: 'Datastore', moref: 'datastore-99', properties };
    const { readings } = await readFrom(['disk.used.latest'], [...DATASTORES, gone], {
      unanswered: ['datastore-11'],
    });
    const found = Array.from(readings, ([moref, { problems }]) => [moref, problems] as const);
    expect(found.toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
      ['datastore-11', ['vCenter answered nothing for its counters']],
      ['datastore-12', undefined],
      ['datastore-99', ['vCenter no longer has the object, or no counters of its kind']],
    ]);
  });

  it('reads the shortest interval that is enabled, and of a vCenter that has none up to an hour says so', async () => {
    const halfHours = await readFrom(['disk.used.latest'], DATASTORES, {}, withoutIntervals(1));
    expect(halfHours.intervals).toEqual(['1800']);
    for (const { values } of halfHours.readings.values()) expect(values.has('disk.used.latest')).toBe(true);
    const none = await readFrom(['disk.used.latest'], DATASTORES, {}, withoutIntervals(2));
    expect(none.calls).toBe(0);
    const problems = [
      expect.stringContaining('every statistics interval up to an hour is disabled in vCenter. Enable'),
    ];
    expect([...none.readings.values()]).toMatchObject([{ problems }, { problems }]);
  });

  it('names the counter that vCenter refuses, and has the others', async () => {
    async function* answers(): AsyncGenerator<EntityMetrics> {
      const entity = { type: 'Datastore', value: 'datastore-1' };
      const samples = [{ time: NOON, intervalSeconds: 300, value: 8 }];
      yield { entity, series: [{ counterId: 1, instance: '', samples }], missing: undefined };
      const fault = new VsphereFaultError('QueryPerf on vc', { fault: 'InvalidArgument', text: 'no' });
      const metrics = [{ counterId: 2, instance: '*' }];
      yield { entity, series: [], missing: 'refused', fault, metrics };
    }
    const names = new Map([
      [1, 'disk.used.latest'],
      [2, 'disk.provisioned.latest'],
    ]);
    for await (const [, reading] of readingsOf(answers(), { names, unknown: new Set() })) {
      expect([...reading.values.keys()]).toEqual(['disk.used.latest']);
      expect(reading.problems).toEqual([
        'vCenter refused the counter disk.provisioned.latest: InvalidArgument',
      ]);
    }
    expect.assertions(2);
  });

  it('takes no value that is older than an hour, even if it is sent, and none behind one that is missing', async () => {
    const sample = (minutes: number, value: number | undefined) => ({
      time: NOON - minutes * 60_000,
      intervalSeconds: 300,
      value,
    });
    async function* answers(): AsyncGenerator<EntityMetrics> {
      const entity = { type: 'Datastore', value: 'datastore-1' };
      const of = (counterId: number, ...samples: ReturnType<typeof sample>[]) => ({
        counterId,
        instance: '',
        samples,
      });
      yield { entity, series: [of(1, sample(65, 7))], missing: undefined };
      yield { entity, series: [of(2, sample(35, 8), sample(30, undefined))], missing: undefined };
    }
    const names = new Map([
      [1, 'old'],
      [2, 'late'],
    ]);
    const asked = { names, unknown: new Set<string>() };
    const found = [];
    for await (const one of readingsOf(answers(), asked, { since: NOON - 3_600_000 })) found.push(one);
    expect(found).toEqual([
      ['datastore-1', { values: new Map([['late', [{ instance: '', value: 8 }]]]), unknown: new Set() }],
    ]);
  });

  it('makes one warning of a counter that the target does not have, and one of each refusal, with their numbers', async () => {
    const rows = COLLECTORS.flatMap((one) => one.rows).filter(
      ({ kind, source }) => kind === 'datastore' && source.reader === HISTORICAL_COUNTERS,
    );
    const needs = rows.flatMap(({ source }) => source.needs.map(String));
    const [known = '', ...others] = needs;
    const { readings } = await readFrom([...others, 'gpu.used.average'], DATASTORES, {
      refused: ['datastore-11'],
      spoilt: ['datastore-12'],
    });
    const run = createCollectorRun([{ name: 'x', rows, metrics: [] }], systemClock);
    for (const { unknown, ...reading } of readings.values()) {
      expect(unknown).toEqual(new Set(['gpu.used.average']));
      run.offer(HISTORICAL_COUNTERS, { ...reading, unknown: new Set([known]) });
    }
    expect(run.results()[0]?.warnings).toEqual([
      { text: `the target has no counter ${known}`, count: 2 },
      { text: 'vCenter refused its counters: HostNotConnected', count: 1 },
      { text: 'series of counters came with missing values, or with too many, and were left out', count: 1 },
    ]);
  });

  it('gives every row of the catalogue a point of a datastore and a cluster that have all counters', async () => {
    for (const [kind, item] of [
      ['datastore', DATASTORES[0]],
      ['cluster', (await clustersOf())[0]],
    ] as const) {
      const rows = COLLECTORS.flatMap((one) => one.rows).filter(
        (row) => row.kind === kind && row.source.reader === HISTORICAL_COUNTERS,
      );
      const needs = [...new Set(rows.flatMap(({ source }) => source.needs.map(String)))];
      const { readings } = await readFrom(needs, item === undefined ? [] : [item]);
      const run = createCollectorRun([{ name: 'x', rows, metrics: [] }], systemClock);
      const found = run.offer(HISTORICAL_COUNTERS, readings.get(item?.moref ?? ''));
      expect(found.map(({ row }) => row.name)).toEqual(rows.map(({ name }) => name));
    }
  });
});
