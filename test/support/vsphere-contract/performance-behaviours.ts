import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { readHistoricalIntervals } from '../../../lib/vsphere/performance/historical-interval.ts';
import { readMaxQueryMetrics } from '../../../lib/vsphere/performance/max-query-metrics.ts';
import {
  fullNameOf,
  type PerfCounters,
  readPerfCounters,
} from '../../../lib/vsphere/performance/perf-counter.ts';
import {
  queryAvailablePerfMetrics,
  queryPerfProviderSummary,
} from '../../../lib/vsphere/performance/perf-provider.ts';
import { type PerfQuery, queryPerf } from '../../../lib/vsphere/performance/query-perf.ts';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import {
  CONTRACT_HOSTS,
  CONTRACT_MAX_QUERY_METRICS,
  contractSignal,
  logInTo,
  type PeerOf,
} from './contract-peer.ts';

export function describePerformance(peerOf: PeerOf): void {
  describe('performance', () => {
    const signal = contractSignal();
    let session: VsphereSession;
    let counters: PerfCounters;
    let hosts: readonly MoRef[];
    let cluster: MoRef;
    beforeAll(async () => {
      session = await logInTo(peerOf());
      counters = await readPerfCounters(session, { signal });
      hosts = await morefsOf('HostSystem');
      [cluster = { type: '', value: '' }] = await morefsOf('ClusterComputeResource');
    });
    afterAll(() => session?.[Symbol.asyncDispose]());

    const morefsOf = async (type: string): Promise<MoRef[]> => {
      const morefs: MoRef[] = [];
      for await (const { moref } of retrieveByView(session, [{ type, paths: ['name'] }], { signal })) {
        morefs.push(moref);
      }
      return morefs;
    };
    const ask = async (query: PerfQuery): Promise<EntityMetrics[]> => {
      const answers: EntityMetrics[] = [];
      for await (const answer of queryPerf(session, query, { signal })) answers.push(answer);
      return answers;
    };
    const metricsOf = (...names: string[]) =>
      names.map((name) => ({ counterId: counters.byName(name)?.key ?? -1, instance: '' }));

    it('knows a counter by either of its names, and by its key', () => {
      const cpu = counters.byName('cpu.usage.percent.average');
      expect(cpu).toMatchObject({ statsType: 'rate', rollupType: 'average', unit: { key: 'percent' } });
      expect(counters.byName('cpu.usage.average')).toBe(cpu);
      expect(counters.byKey(cpu?.key ?? -1)).toBe(cpu);
    });

    it('names the historical intervals', async () => {
      const intervals = await readHistoricalIntervals(session, { signal });
      expect(intervals[0]).toMatchObject({
        samplingPeriodSeconds: 300,
        lengthSeconds: 86_400,
        enabled: true,
      });
      expect(intervals.map((one) => one.samplingPeriodSeconds)).toEqual([300, 1_800, 7_200, 86_400]);
    });

    it('knows who has real-time statistics', async () => {
      const [host] = hosts;
      if (host === undefined) throw new Error('the peer has no hosts');
      expect(await queryPerfProviderSummary(session, host, { signal })).toEqual({
        currentSupported: true,
        summarySupported: true,
        refreshRateSeconds: 20,
      });
      expect(await queryPerfProviderSummary(session, cluster, { signal })).toMatchObject({
        currentSupported: false,
        refreshRateSeconds: undefined,
      });
    });

    it('names the metrics of an entity, with their instances', async () => {
      const [entity] = hosts;
      if (entity === undefined) throw new Error('the peer has no hosts');
      const available = await queryAvailablePerfMetrics(session, { entity, intervalSeconds: 20 }, { signal });
      const names = available.map(({ counterId, instance }) => {
        const counter = counters.byKey(counterId);
        return [counter && fullNameOf(counter), instance];
      });
      expect(names).toContainEqual(['cpu.usage.percent.average', '']);
      expect(names).toContainEqual(['cpu.usage.percent.average', '0']);
      expect(names).toContainEqual(['mem.usage.percent.average', '']);
    });

    it('has the newest values of every host, oldest first, each with its time', async () => {
      const metrics = metricsOf('cpu.usage.average', 'mem.usage.average');
      const answers = await ask({ kind: 'realtime', entities: hosts, metrics, maxSamples: 3 });
      expect(answers).toHaveLength(CONTRACT_HOSTS.length);
      expect(answers.map(({ entity }) => entity)).toEqual(hosts);
      for (const { series } of answers) {
        expect(series.map(({ counterId, instance }) => ({ counterId, instance }))).toEqual(metrics);
        for (const { samples } of series) {
          const [first, second, third] = samples.map(({ time }) => time);
          expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]).toEqual([20_000, 20_000]);
          expect(samples.every(({ value = -1 }) => value >= 0)).toBe(true);
        }
      }
    });

    it('has historical values of a cluster', async () => {
      const maxQueryMetrics = await readMaxQueryMetrics(session, { signal });
      expect(maxQueryMetrics).toBe(CONTRACT_MAX_QUERY_METRICS);
      const metrics = metricsOf('cpu.usage.average');
      const answers = await ask({ ...lastHour(), entities: [cluster], metrics, maxQueryMetrics });
      expect(answers).toMatchObject([{ entity: cluster, missing: undefined }]);
      const samples = answers[0]?.series[0]?.samples ?? [];
      expect(samples.length).toBeGreaterThanOrEqual(11);
      expect(new Set(samples.map(({ intervalSeconds }) => intervalSeconds))).toEqual(new Set([300]));
    });

    it('gets what the vCenter restricts in smaller parts', async () => {
      const metrics = metricsOf('cpu.usage.average', 'mem.usage.average');
      const maxQueryMetrics = 2 * CONTRACT_MAX_QUERY_METRICS;
      const answers = await ask({ ...lastHour(), entities: hosts, metrics, maxQueryMetrics });
      expect(answers.map(({ entity }) => entity)).toEqual(hosts);
      expect(answers.every(({ series }) => series.length === 2)).toBe(true);
    });

    it('keeps the other entities when one has vanished', async () => {
      const gone = { type: 'HostSystem', value: 'host-that-is-gone' };
      const entities = [...hosts.slice(0, 2), gone, ...hosts.slice(2)];
      const answers = await ask({ kind: 'realtime', entities, metrics: metricsOf('cpu.usage.average') });
      expect(answers.map(({ entity }) => entity)).toEqual(entities);
      expect(answers.filter(({ missing }) => missing !== undefined)).toEqual([
        { entity: gone, series: [], missing: 'vanished' },
      ]);
    });
  });
}

/** Twelve samples of five minutes, one of which may not be written yet. */
function lastHour() {
  const startTime = new Date(Date.now() - 3_600_000);
  return { kind: 'historical', intervalSeconds: 300, startTime } as const;
}
