import { COUNTERS, type CounterReading } from '../catalogue/sources/counter.ts';
import { queryPerf } from '../vsphere/performance/query-perf.ts';
import { readingsOf, toAsked } from './counter-readings.ts';
import type { Reader } from './reader.ts';

const POWER_STATE = 'runtime.powerState';
const CONNECTION_STATE = 'runtime.connectionState';

/**
 * The newest real-time value of each counter: of 20 s, for hosts and virtual machines that are powered on and connected.
 * vCenter has no real-time values of others, and some versions old ones; a virtual machine stays powered on in vCenter
 * when its host is lost. Every item that is asked comes, once all its values are there.
 */
export const counters: Reader<string, CounterReading> = {
  facts: COUNTERS,
  pathsOf: () => [POWER_STATE, CONNECTION_STATE],
  async *read(needs, items, { session, signal }) {
    const asked = toAsked(needs, await session.counters({ signal }));
    const { metrics, unknown } = asked;
    const entities = items
      .filter(
        ({ properties }) =>
          properties.get(POWER_STATE) === 'poweredOn' && properties.get(CONNECTION_STATE) === 'connected',
      )
      .map(({ type, moref }) => ({ type, value: moref }));
    if (metrics.length === 0) {
      for (const { value } of entities) yield [value, { values: new Map(), unknown }];
      return;
    }
    yield* readingsOf(
      queryPerf(session.connection, { kind: 'realtime', entities, metrics }, { signal }),
      asked,
    );
  },
};
