import { COUNTERS, type CounterReading } from '../catalogue/sources/counter.ts';
import { queryPerf } from '../vsphere/performance/query-perf.ts';
import { readAllSamples } from './all-samples.ts';
import { readingsOf, toAsked } from './counter-readings.ts';
import type { Reader } from './reader.ts';

const POWER_STATE = 'runtime.powerState';
const CONNECTION_STATE = 'runtime.connectionState';

/**
 * The real-time values of each counter: of 20 s, for hosts and virtual machines that are powered on and connected. The newest
 * one, or all since a time where the item has one. vCenter has no real-time values of others, and some versions old ones; a
 * virtual machine stays powered on in vCenter when its host is lost. Every item that is asked comes, once all its values are
 * there.
 */
export const counters: Reader<string, CounterReading> = {
  facts: COUNTERS,
  pathsOf: () => [POWER_STATE, CONNECTION_STATE],
  async *read(needs, items, { session, clock, signal }) {
    const asked = toAsked(needs, await session.counters({ signal }));
    const { metrics, unknown } = asked;
    const running = items.filter(
      ({ properties }) =>
        properties.get(POWER_STATE) === 'poweredOn' && properties.get(CONNECTION_STATE) === 'connected',
    );
    if (metrics.length === 0) {
      for (const { moref } of running) yield [moref, { values: new Map(), unknown }];
      return;
    }
    const entities = running.flatMap(({ type, moref, sinceMs }) =>
      sinceMs === undefined ? [{ type, value: moref }] : [],
    );
    const { connection } = session;
    yield* readingsOf(queryPerf(connection, { kind: 'realtime', entities, metrics }, { signal }), asked);
    const timed = running.flatMap(({ type, moref, sinceMs }) =>
      sinceMs === undefined ? [] : [{ entity: { type, value: moref }, sinceMs }],
    );
    yield* readAllSamples(timed, asked, { connection, now: clock.now(), signal });
  },
};
