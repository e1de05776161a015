import type { Family } from '../../../lib/metrics/family.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { PushError } from '../../../lib/sinks/http/errors.ts';
import type { RunSeries, Sink } from '../../../lib/sinks/sink.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createFillStore } from '../../../lib/state/stores/fills.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import { toParts } from '../../../lib/sweep/fill/delivered-parts.ts';
import { readFill, withSamples } from '../../../lib/sweep/fill/fill.ts';
import { deliver } from '../../../lib/sweep/result/deliver.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const MINUTE = 60_000;
const STEP = 20_000;
const T0 = Date.UTC(2026, 0, 1, 12);
/** What a host keeps. */
const KEPT = 180;
const METRICS = ['vmware_host_cpu_usage_average', 'vmware_host_mem_usage_average'];
const running = { signal: new AbortController().signal };

/** A process that was killed does nothing any more. */
export class Killed extends Error {}

export interface RunFaults {
  /** Ends before its n-th call to the outside world, from 0, or behind it. */
  readonly killedAt?: { readonly point: number; readonly after: boolean };
  /** Another run takes the lease at that call, and does its work, before this one goes on. */
  readonly pausedAt?: number;
  /** Sinks that answer nothing. */
  readonly away?: readonly string[];
  /** Writes and reads of the state fail from its n-th call on. */
  readonly stateAwayFrom?: number;
}

/** What a destination has of one series: values by time, and how often each came. */
type Stored = Map<string, Map<number, { value: number; times: number }>>;

/**
 * Three hosts whose clocks differ, a state, and two destinations: one that keeps whatever comes, and one that, as
 * Prometheus does, takes a request whole or not at all, and nothing that is older than what it has.
 */
export function createFillWorld({ maxSamples = 7 }: { maxSamples?: number } = {}) {
  let now = T0;
  let runs = 0;
  /** Landed, and not on record when their run ended. */
  let unrecorded = 0;
  const table = createMemoryTable();
  const hosts = [
    { moref: 'host-1', aheadMs: 0 },
    { moref: 'host-2', aheadMs: 50_000 },
    { moref: 'host-3', aheadMs: -4 * MINUTE },
  ];
  const away = new Set<string>();
  const stored: Record<'lax' | 'strict', Stored> = { lax: new Map(), strict: new Map() };

  const timesOf = (aheadMs: number): number[] => {
    const last = Math.floor((now + aheadMs) / STEP) * STEP;
    return Array.from({ length: KEPT }, (_, index) => last - (KEPT - 1 - index) * STEP);
  };
  const valueAt = (moref: string, metric: string, time: number) =>
    time / STEP + moref.length + METRICS.indexOf(metric);

  /** As the reader of counters does it: what is after `since`, and the newest one in any case. */
  const read = (since: ReadonlyMap<string, number>): Family[] =>
    METRICS.map((metric) => {
      const rows = hosts.flatMap(({ moref, aheadMs }) => {
        if (away.has(moref)) return [];
        const times = timesOf(aheadMs);
        const wanted = times.filter((time) => time > (since.get(moref) ?? Number.MAX_SAFE_INTEGER));
        const found = wanted.length === 0 ? times.slice(-1) : wanted;
        return found.map((timeMs) => ({
          moref,
          sample: { metric, labels: [moref], value: valueAt(moref, metric, timeMs), timeMs },
        }));
      });
      return {
        definition: { name: metric, help: metric, labels: ['host_name'] },
        samples: rows.map(({ sample }) => sample),
        sources: rows.map(({ moref }) => moref),
        isTimed: true,
      };
    });

  const accept = (into: Stored, { families }: RunSeries, isStrict: boolean): void => {
    const samples = families.flatMap((family) => [...family.samples]);
    const lastOf = (key: string) => Math.max(0, ...(into.get(key)?.keys() ?? []));
    for (const { metric, labels, timeMs = 0 } of samples)
      if (isStrict && timeMs < lastOf(`${metric} ${labels}`))
        throw new PushError('out of order sample', { code: 'inconsistent', status: 400 });
    for (const { metric, labels, timeMs = 0, value } of samples) {
      const key = `${metric} ${labels}`;
      const series = into.get(key) ?? new Map();
      into.set(key, series);
      const before = series.get(timeMs);
      series.set(timeMs, { value, times: isStrict ? 1 : (before?.times ?? 0) + 1 });
    }
  };

  async function run(faults: RunFaults = {}, lease = { isHeld: true }) {
    runs += 1;
    const runId = `run-${runs}`;
    let points = 0;
    let isDead = false;
    const landed = new Set<string>();
    let wasPaused = false;
    const point = async <T>(what: 'state' | 'sink', work: () => Promise<T>): Promise<T> => {
      const index = points;
      points += 1;
      if (isDead) throw new Killed();
      if (faults.pausedAt === index) {
        lease.isHeld = false;
        wasPaused = true;
        await run();
      }
      const { killedAt } = faults;
      if (killedAt?.point === index && !killedAt.after) {
        isDead = true;
        throw new Killed();
      }
      if (what === 'state' && index >= (faults.stateAwayFrom ?? Number.POSITIVE_INFINITY))
        throw new Error('the state is away');
      const answer = await work();
      if (killedAt?.point === index) {
        isDead = true;
        throw new Killed();
      }
      return answer;
    };
    const watched: Table = {
      ...table,
      get: (...args) => point('state', () => table.get(...args)),
      putIf: (...args) => point('state', () => table.putIf(...args)),
      replace: (...args) => point('state', () => table.replace(...args)),
      async updateIf(condition, key, ...args) {
        const answer = await point('state', () => table.updateIf(condition, key, ...args));
        landed.delete(key.sk.replace('fill-done#', ''));
        return answer;
      },
    };
    const sinkOf = (name: 'lax' | 'strict'): Sink => ({
      name,
      deliver: async () => 'delivered',
      forget: async () => false,
      timed: {
        maxAgeMs: 60 * MINUTE,
        maxSamples,
        append: async (series, { holdsLease }) => {
          if (!(await holdsLease())) return 'lease-lost';
          await point('sink', async () => {
            if (faults.away?.includes(name)) throw new PushError('no answer', { code: 'network' });
            accept(stored[name], series, name === 'strict');
            landed.add(name);
          });
          return 'delivered';
        },
      },
    });
    const sinks = [sinkOf('lax'), sinkOf('strict')];
    const fills = createFillStore({ table: watched });
    const order = {
      runId,
      sweep: { name: 'performance', samples: 'all', collectors: ['host-performance'] },
      target: { name: 'vc01' },
    } as unknown as TargetOrder;
    const fill = await readFill(order, { sinks, fills }, running);
    const items = hosts.map(({ moref }): [string, string] => ['HostSystem', moref]);
    const { wanted } = withSamples([{ kind: 'host', items }], fill, { sweep: order.sweep, now });
    const families = read(wanted[0]?.since ?? new Map());
    const series = { group: { job: 'vsweep_performance', instance: 'vc01' }, families, validUntil: 0 };
    const listed = { list: { listedAt: now, hosts: [], unreadable: [], sites: {} }, others: new Map() };
    const parts = fill && toParts(order, { series, fill, listed }, { fills, clock: { now: () => now } });
    const result = await deliver(
      series,
      { sinks, parts },
      { ...running, holdsLease: async () => lease.isHeld },
    );
    if (landed.has('lax') || wasPaused) unrecorded += 1;
    return { ...result, points };
  }

  return {
    run,
    log: silentLog,
    /** Hosts that do not answer. */
    away,
    pass(ms: number) {
      now += ms;
    },
    stored,
    /** Series by times, each as often as it came; whether the values are those of the hosts. */
    problemsOf(name: 'lax' | 'strict'): string[] {
      return Array.from(stored[name], ([key, series]) => {
        const [metric = '', moref = ''] = key.split(' ');
        const times = [...series.keys()].sort((one, other) => one - other);
        return times.flatMap((time, index) => {
          const one = series.get(time);
          const gap = index > 0 && time - (times[index - 1] as number) !== STEP;
          return [
            ...(gap ? [`${key}: a gap before ${new Date(time).toISOString()}`] : []),
            ...(one?.times === 1 ? [] : [`${key}: ${one?.times} times ${new Date(time).toISOString()}`]),
            ...(one?.value === valueAt(moref, metric, time) ? [] : [`${key}: another value`]),
          ];
        });
      }).flat();
    },
    /** Of each host the time of the newest sample that the destination has, and that the host has. */
    ends: (name: 'lax' | 'strict') =>
      hosts.map(({ moref, aheadMs }) => [
        Math.max(...(stored[name].get(`${METRICS[0]} ${moref}`)?.keys() ?? [])),
        timesOf(aheadMs).at(-1),
      ]),
    unrecorded: () => unrecorded,
  };
}
