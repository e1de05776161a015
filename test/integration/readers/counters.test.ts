import { describe, expect, it } from 'vitest';
import type { CounterReading } from '../../../lib/catalogue/sources/counter.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { type DemoStatistics, demoStatistic } from '../../../lib/demo/vcenter/performance-manager.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { counters } from '../../../lib/readers/counters.ts';
import { properties } from '../../../lib/readers/properties.ts';
import { ONLY_NEWEST, type ReaderSession } from '../../../lib/readers/reader.ts';
import { createKeptCounters } from '../../../lib/vsphere/performance/kept-counters.ts';
import { retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { demoHost, demoHosts, loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const signal = testSignal();
const HOSTS = 300;
const OFF = demoHost(HOSTS + 1, { powerState: 'poweredOff' });
/** vCenter keeps the power state that a host, or a virtual machine on it, had last. */
const LOST = demoHost(HOSTS + 2, { connectionState: 'notResponding' });
const DISCONNECTED = demoHost(HOSTS + 3, { connectionState: 'disconnected' });
const host = (number: number) => ({ type: 'HostSystem', moref: `host-${number}` });
const hosts = (count: number) => Array.from({ length: count }, (_, index) => host(index + 1));

async function readFrom(
  needs: readonly string[],
  items: readonly { type: string; moref: string; sinceMs?: number }[],
  statistics: DemoStatistics = {},
  clock: Clock = systemClock,
) {
  const started = Date.now();
  await using vcenter = await startTarget({
    hosts: [...demoHosts(HOSTS), OFF, LOST, DISCONNECTED],
    estate: createDemoEstate(),
    statistics,
    clock,
  });
  await using session = await loginTo(vcenter);
  const kept = createKeptCounters(systemClock);
  const readings = new Map<string, CounterReading>();
  const own: ReaderSession = {
    connection: session,
    retrieve: (query, options) => retrieveObjects(session, query, options),
    counters: (options) => kept.of('vc', session, options),
  };
  const found = counters.read(needs, await withProperties(items, own), {
    session: own,
    clock: systemClock,
    signal,
  });
  for await (const [moref, reading] of found) {
    expect(readings.has(moref), 'an item comes once').toBe(false);
    readings.set(moref, reading);
  }
  return { readings, calls: callsOf(vcenter), started };
}

/** As the worker does it: what the reader goes by is read with all other properties. */
async function withProperties(
  items: readonly { type: string; moref: string; sinceMs?: number }[],
  session: ReaderSession,
) {
  const known = new Map<string, RetrievedObject['properties']>();
  const paths = ['name', ...(counters.pathsOf?.([]) ?? [])];
  for await (const [moref, object] of properties.read(paths, items.map(bare), {
    session,
    clock: systemClock,
    signal,
  }))
    known.set(moref, object.properties);
  return items.map((item) => ({ ...item, properties: known.get(item.moref) ?? new Map() }));
}
const bare = (item: { type: string; moref: string }) => ({ ...item, properties: new Map() });

const callsOf = (vcenter: DemoVcenter) => vcenter.stats.calls['QueryPerf'] ?? 0;

const printed = (reading: CounterReading | undefined, name: string) =>
  (reading?.values.get(name) ?? []).map(({ instance }) => instance);

const STEP = 20_000;
/** The times of the samples of the first counter of each item. */
const timesIn = (readings: ReadonlyMap<string, CounterReading>) =>
  new Map(
    Array.from(readings, ([moref, { values }]) => [
      moref,
      [...values.values()][0]?.map(({ timeMs }) => timeMs as number) ?? [],
    ]),
  );
const isEveryStep = (times: readonly number[]) =>
  times.every((time, index) => index === 0 || time - (times[index - 1] as number) === STEP);

describe('all samples since a time', () => {
  const CPU = ['cpu.usage.average'];

  it('are those after it, oldest first, with their times; of an item without any new one its newest', async () => {
    const now = Math.floor(Date.now() / STEP) * STEP;
    const { readings, calls } = await readFrom(CPU, [
      { ...host(1), sinceMs: now - 10 * STEP },
      { ...host(2), sinceMs: now - 9 * STEP },
      { ...host(3), sinceMs: now + 60 * STEP },
      { ...host(4), sinceMs: ONLY_NEWEST },
      host(5),
    ]);
    const times = timesIn(readings);
    expect(times.get('host-1')?.[0]).toBe(now - 9 * STEP);
    expect(times.get('host-2')?.[0]).toBe(now - 8 * STEP);
    expect(times.get('host-1')?.length).toBeGreaterThanOrEqual(10);
    for (const moref of ['host-1', 'host-2']) expect(isEveryStep(times.get(moref) ?? [])).toBe(true);
    for (const moref of ['host-3', 'host-4']) expect(times.get(moref)).toHaveLength(1);
    expect(times.get('host-4')?.[0]).toBeGreaterThanOrEqual(now);
    expect(times.get('host-5')).toEqual([undefined]);
    // One for each number of samples: as many as ten and thirteen steps take, four, and the newest with a time and without.
    expect(calls).toBe(4);
    const [point] = readings.get('host-1')?.values.get('cpu.usage.average') ?? [];
    expect(point?.value).toBe(
      demoStatistic({ type: 'HostSystem', value: 'host-1' }, { key: 2_002 }, now - 9 * STEP),
    );
  });

  it.each([-20, 20])('reach back to it from a clock that is %i minutes off', async (minutes) => {
    const off: Clock = { ...systemClock, now: () => systemClock.now() + minutes * 60_000 };
    const since = Math.floor(off.now() / STEP) * STEP - 9 * STEP;
    const { readings } = await readFrom(CPU, [{ ...host(1), sinceMs: since }], {}, off);
    const [first, ...others] = timesIn(readings).get('host-1') ?? [];
    expect(first).toBe(since + STEP);
    expect(others.length).toBeGreaterThanOrEqual(8);
  });

  it('are an hour at most, and of 300 hosts in parts that have no more values than usual', async () => {
    const items = hosts(HOSTS).map((item) => ({ ...item, sinceMs: Date.now() - 3 * 3_600_000 }));
    const { readings, calls } = await readFrom(CPU, items);
    expect(new Set(Array.from(timesIn(readings).values(), ({ length }) => length))).toEqual(new Set([180]));
    expect(calls).toBe(Math.ceil(HOSTS / 17));
  });

  it('leave out the host that vCenter refuses, and one whose series are spoilt', async () => {
    const items = hosts(4).map((item) => ({ ...item, sinceMs: Date.now() - 5 * STEP }));
    const { readings } = await readFrom(CPU, items, { refused: ['host-2'], spoilt: ['host-3'] });
    expect(Array.from(readings, ([moref, { values }]) => [moref, values.size])).toEqual([
      ['host-1', 1],
      ['host-2', 0],
      ['host-3', 0],
      ['host-4', 1],
    ]);
  });
});

describe('the reader of performance counters', () => {
  it('has the newest value of each counter, of 300 hosts in two calls', async () => {
    const { readings, calls, started } = await readFrom(
      ['cpu.usage.average', 'mem.usage.average'],
      hosts(HOSTS),
    );
    expect(readings.size).toBe(HOSTS);
    expect(calls).toBe(2);
    const step = 20_000;
    const times = Array.from(
      { length: (Date.now() - started) / step + 2 },
      (_, n) => (Math.floor(started / step) + n) * step,
    );
    const expected = times.map((time) =>
      demoStatistic({ type: 'HostSystem', value: 'host-7' }, { key: 2_002 }, time),
    );
    const [value, ...others] = readings.get('host-7')?.values.get('cpu.usage.average') ?? [];
    expect(others).toEqual([]);
    expect(value?.instance).toBe('');
    expect(expected).toContain(value?.value);
  });

  it('has no values of hosts that vCenter refuses, or whose series are spoilt, and all of the others', async () => {
    const statistics = { refused: ['host-2'], spoilt: ['host-3'] };
    const { readings } = await readFrom(['cpu.usage.average'], hosts(4), statistics);
    const values = Array.from(readings, ([moref, { values, problems }]) => [moref, values.size, problems]);
    expect(values).toEqual([
      ['host-1', 1, undefined],
      ['host-2', 0, ['vCenter refused its counters: HostNotConnected']],
      ['host-3', 0, ['series of counters came with missing values, or with too many, and were left out']],
      ['host-4', 1, undefined],
    ]);
  });

  it('asks no host that vCenter has lost, for whose sake it would refuse all', async () => {
    const lost = [host(HOSTS + 2), host(HOSTS + 3)];
    const refused = lost.map(({ moref }) => moref);
    const { readings, calls } = await readFrom(['cpu.usage.average'], [host(1), ...lost, host(2)], {
      refused,
    });
    expect([...readings.keys()]).toEqual(['host-1', 'host-2']);
    expect(calls).toBe(1);
  });

  it('asks no host and no virtual machine that is not powered on', async () => {
    const { readings } = await readFrom(
      ['cpu.usage.average'],
      [
        host(1),
        host(HOSTS + 1),
        ...[101, 105, 106].map((n) => ({ type: 'VirtualMachine', moref: `vm-${n}` })),
      ],
    );
    expect([...readings.keys()].toSorted()).toEqual(['host-1', 'vm-101']);
  });

  it('asks once for a counter whose instances are wanted, too', async () => {
    const { readings } = await readFrom(['net.usage.average', 'net.usage.average/*'], [host(1)]);
    expect(printed(readings.get('host-1'), 'net.usage.average')).toEqual(['', 'vmnic0', 'vmnic1']);
  });

  it('takes the newest value however old it is, as of a vCenter whose clock is a day behind', async () => {
    const behind: Clock = { ...systemClock, now: () => systemClock.now() - 86_400_000 };
    const { readings } = await readFrom(['cpu.usage.average'], hosts(2), {}, behind);
    for (const { moref } of hosts(2)) expect(printed(readings.get(moref), 'cpu.usage.average')).toEqual(['']);
  });

  it('leaves out what vSphere has no value of', async () => {
    const { readings } = await readFrom(['cpu.usage.average'], hosts(2), { withoutValues: ['host-1'] });
    expect(printed(readings.get('host-1'), 'cpu.usage.average')).toEqual([]);
    expect(printed(readings.get('host-2'), 'cpu.usage.average')).toEqual(['']);
  });

  it('names a counter that the target does not have, and reads the others', async () => {
    const { readings } = await readFrom(['cpu.usage.average', 'gpu.mem.usage.average'], [host(1)]);
    expect(readings.get('host-1')?.unknown).toEqual(new Set(['gpu.mem.usage.average']));
    expect(printed(readings.get('host-1'), 'cpu.usage.average')).toEqual(['']);
    const none = await readFrom(['gpu.mem.usage.average'], [host(1)]);
    expect(none.readings.get('host-1')?.unknown.size).toBe(1);
    expect(none.calls).toBe(0);
  });

  it('gives every row of the catalogue a point of a host and a virtual machine that have all counters', async () => {
    const collectors = COLLECTORS.filter(({ rows }) =>
      rows.every(({ source }) => source.reader === counters.facts),
    );
    for (const [kind, item] of [
      ['host', host(1)],
      ['vm', { type: 'VirtualMachine', moref: 'vm-101' }],
    ] as const) {
      const rows = collectors.flatMap((one) => one.rows).filter((row) => row.kind === kind);
      const needs = [...new Set(rows.flatMap(({ source }) => source.needs.map(String)))];
      const { readings } = await readFrom(needs, [item]);
      const run = createCollectorRun(
        collectors.map((one) => ({ ...one, rows: one.rows.filter((row) => row.kind === kind) })),
        systemClock,
      );
      const found = run.offer(counters.facts, readings.get(item.moref));
      expect(found.map(({ row }) => row.name)).toEqual(rows.map(({ name }) => name));
      expect(run.results().flatMap(({ warnings }) => warnings)).toEqual([]);
    }
  });
});
