import { describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { type DemoStatistics, demoStatistic } from '../../../lib/demo/vcenter/performance-manager.ts';
import type { EntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { readMaxQueryMetrics } from '../../../lib/vsphere/performance/max-query-metrics.ts';
import { readPerfCounters } from '../../../lib/vsphere/performance/perf-counter.ts';
import { type PerfQuery, queryPerf } from '../../../lib/vsphere/performance/query-perf.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { demoHosts, loginTo, rejectionOf, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();

const host = (number: number) => ({ type: 'HostSystem', value: `host-${number}` });
const hosts = (count: number) => Array.from({ length: count }, (_, index) => host(index + 1));

async function withSession(
  statistics: DemoStatistics,
  work: (session: VsphereSession, vcenter: DemoVcenter) => Promise<void>,
): Promise<void> {
  await using vcenter = await startTarget({ hosts: demoHosts(12), estate: createDemoEstate(), statistics });
  await using session = await loginTo(vcenter);
  await work(session, vcenter);
}

async function ask(session: VsphereSession, query: PerfQuery): Promise<EntityMetrics[]> {
  const answers: EntityMetrics[] = [];
  for await (const answer of queryPerf(session, query, { signal })) answers.push(answer);
  return answers;
}

async function metricsOf(session: VsphereSession, names: readonly string[], instance = '') {
  const counters = await readPerfCounters(session, { signal });
  return names.map((name) => {
    const counterId = counters.byName(name)?.key;
    if (counterId === undefined) throw new Error(`no counter ${name}`);
    return { counterId, instance };
  });
}

const CPU_AND_MEMORY = ['cpu.usage.average', 'mem.usage.percent.average'];
/** An hour that is over, at five minutes a sample. */
const HOUR = {
  kind: 'historical',
  intervalSeconds: 300,
  startTime: new Date(Date.UTC(2026, 0, 1)),
  endTime: new Date(Date.UTC(2026, 0, 1, 1)),
} as const;

const missingOf = (answers: readonly EntityMetrics[]) =>
  Object.fromEntries(answers.map(({ entity, missing }) => [entity.value, missing]));
const valuesIn = (answers: readonly EntityMetrics[]) =>
  answers.flatMap(({ series }) => series.flatMap(({ samples }) => samples.map(({ value }) => value)));

describe('queryPerf', () => {
  it('has the newest real-time values of every host in one call', () =>
    withSession({}, async (session, vcenter) => {
      const metrics = await metricsOf(session, CPU_AND_MEMORY);
      const answers = await ask(session, { kind: 'realtime', entities: hosts(12), metrics, maxSamples: 3 });
      expect(vcenter.stats.calls['QueryPerf']).toBe(1);
      expect(answers.map(({ entity }) => entity)).toEqual(hosts(12));
      for (const { entity, series, missing } of answers) {
        expect(missing).toBeUndefined();
        expect(series.map(({ counterId }) => counterId)).toEqual(metrics.map(({ counterId }) => counterId));
        for (const { counterId, samples } of series) {
          expect(samples).toHaveLength(3);
          for (const { time, intervalSeconds, value } of samples) {
            expect([intervalSeconds, value]).toEqual([20, demoStatistic(entity, { key: counterId }, time)]);
          }
        }
      }
    }));

  it('has every instance of a metric, or the one that was asked for', () =>
    withSession({}, async (session) => {
      const instancesOf = async (instance: string) => {
        const metrics = await metricsOf(session, ['net.usage.kiloBytesPerSecond.average'], instance);
        const answers = await ask(session, { kind: 'realtime', entities: [host(1)], metrics });
        return answers.flatMap(({ series }) => series.map((one) => one.instance));
      };
      expect(await instancesOf('*')).toEqual(['', 'vmnic0', 'vmnic1']);
      expect(await instancesOf('vmnic1')).toEqual(['vmnic1']);
    }));

  it('asks for historical values in parts of entities times metrics', () =>
    withSession({ maxQueryMetrics: '8' }, async (session, vcenter) => {
      const maxQueryMetrics = await readMaxQueryMetrics(session, { signal });
      const metrics = await metricsOf(session, CPU_AND_MEMORY);
      const answers = await ask(session, { ...HOUR, entities: hosts(12), metrics, maxQueryMetrics });
      expect([maxQueryMetrics, vcenter.stats.calls['QueryPerf']]).toEqual([8, 3]);
      expect(answers.map(({ entity }) => entity)).toEqual(hosts(12));
      expect(valuesIn(answers)).toHaveLength(12 * 2 * 12);
    }));

  it('halves what vCenter restricts, by entities and then by metrics, and gets all of it', () =>
    withSession({ maxQueryMetrics: '1' }, async (session, vcenter) => {
      const metrics = await metricsOf(session, CPU_AND_MEMORY);
      const answers = await ask(session, { ...HOUR, entities: hosts(4), metrics, maxQueryMetrics: 256 });
      // A tree of halves with eight leaves.
      expect(vcenter.stats.calls['QueryPerf']).toBe(15);
      expect(missingOf(answers)).toEqual({
        'host-1': undefined,
        'host-2': undefined,
        'host-3': undefined,
        'host-4': undefined,
      });
      expect(valuesIn(answers)).toHaveLength(4 * 2 * 12);
    }));

  it('says of a cluster whose single metric is restricted that it is, and goes on with the others', () =>
    withSession({ maxQueryMetrics: '4', clusterWeight: 5 }, async (session) => {
      const metrics = await metricsOf(session, ['cpu.usage.average']);
      const entities = [{ type: 'ClusterComputeResource', value: 'domain-c3' }, host(1), host(2)];
      const answers = await ask(session, { ...HOUR, entities, metrics, maxQueryMetrics: 4 });
      expect(missingOf(answers)).toEqual({
        'domain-c3': 'restricted',
        'host-1': undefined,
        'host-2': undefined,
      });
    }));

  it('halves a request that has too many XML elements', () =>
    withSession({ maxElements: 60 }, async (session, vcenter) => {
      const metrics = await metricsOf(session, CPU_AND_MEMORY);
      const answers = await ask(session, { kind: 'realtime', entities: hosts(12), metrics });
      expect(vcenter.stats.calls['QueryPerf']).toBeGreaterThan(1);
      expect(missingOf(answers)).toEqual(
        Object.fromEntries(hosts(12).map(({ value }) => [value, undefined])),
      );
    }));

  it('does not halve for ever what is refused whole', () =>
    withSession({ maxElements: 1 }, async (session, vcenter) => {
      const metrics = await metricsOf(session, CPU_AND_MEMORY);
      const query: PerfQuery = { kind: 'realtime', entities: hosts(12), metrics };
      expect(await rejectionOf(ask(session, query))).toMatchObject({ fault: 'InvalidRequest' });
      expect(vcenter.stats.calls['QueryPerf']).toBeLessThan(8);
    }));

  it.each(['ManagedObjectNotFound', 'InvalidArgument'] as const)(
    'keeps the others when one entity has vanished (%s)',
    (vanishedFault) =>
      withSession({ vanishedFault }, async (session) => {
        const metrics = await metricsOf(session, CPU_AND_MEMORY);
        const entities = [host(1), host(99), host(2), host(3)];
        const answers = await ask(session, { kind: 'realtime', entities, metrics });
        expect(answers.map(({ entity }) => entity)).toEqual(entities);
        expect(missingOf(answers)).toEqual({
          'host-1': undefined,
          'host-99': 'vanished',
          'host-2': undefined,
          'host-3': undefined,
        });
      }),
  );

  it('names the entities that the answer leaves out, and has no value for -1', () =>
    withSession({ unanswered: ['host-2'], withoutValues: ['host-3'] }, async (session) => {
      const metrics = await metricsOf(session, ['cpu.usage.average']);
      const answers = await ask(session, { kind: 'realtime', entities: hosts(3), metrics });
      expect(missingOf(answers)).toEqual({ 'host-1': undefined, 'host-2': 'no-data', 'host-3': undefined });
      expect(valuesIn(answers)).toEqual([expect.any(Number), undefined]);
    }));

  it('throws a wrong interval at once, for it is wrong for every entity', () =>
    withSession({}, async (session, vcenter) => {
      const metrics = await metricsOf(session, ['disk.used.latest']);
      const entities = ['datastore-11', 'datastore-12'].map((value) => ({ type: 'Datastore', value }));
      const error = await rejectionOf(ask(session, { kind: 'realtime', entities, metrics }));
      expect(error).toMatchObject({ fault: 'InvalidArgument' });
      expect(vcenter.stats.calls['QueryPerf']).toBe(1);
    }));
});

describe('readMaxQueryMetrics', () => {
  it.each([
    [undefined, 256],
    ['64', 64],
    ['-1', 10_000],
    ['absent', 256],
    ['unreadable', 256],
  ])('with the setting %j is %i', (setting, limit) =>
    withSession(setting === undefined ? {} : { maxQueryMetrics: setting }, async (session) => {
      expect(await readMaxQueryMetrics(session, { signal })).toBe(limit);
    }),
  );

  it('throws when the session has ended', () =>
    withSession({}, async (session, vcenter) => {
      vcenter.misbehave({ kind: 'expire-sessions' });
      expect(await rejectionOf(readMaxQueryMetrics(session, { signal }))).toMatchObject({
        fault: 'NotAuthenticated',
      });
    }));
});
