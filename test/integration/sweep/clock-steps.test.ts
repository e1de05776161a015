import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { ok } from '../../../lib/sweep/outcome.ts';
import { type RunSweepDeps, runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEstate, type FakeTarget, openState } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { sinkOf } from '../../support/sink-of.ts';

const running = { signal: new AbortController().signal };
const TARGET: FakeTarget = {
  hosts: Array.from({ length: 4 }, (_, at) => ({ address: `10.0.0.${at}`, ssh: 'well' })),
  ...{ login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well', close: 'well' },
};
const HOUR_MS = 3_600_000;

type Moment = 'lease' | 'login' | 'listing' | 'ticket' | 'flight' | 'push';

/** The sweep of an estate, which says when it comes to a moment of its run. */
function withMoments(sweep: RunSweepDeps, at: (moment: Moment) => void): RunSweepDeps {
  const { flights, runs } = sweep;
  return {
    ...sweep,
    runs: {
      ...runs,
      acquireLease: (...asked) => {
        at('lease');
        return runs.acquireLease(...asked);
      },
    },
    async login(...asked) {
      at('login');
      const session = await sweep.login(...asked);
      return {
        ...session,
        list: (...query) => {
          at('listing');
          return session.list(...query);
        },
        acquireCloneTicket: (...query) => {
          at('ticket');
          return session.acquireCloneTicket(...query);
        },
      };
    },
    flights: {
      ...flights,
      begin: (...flight) => {
        at('flight');
        return flights.begin(...flight);
      },
    },
    sinks: [
      sinkOf({
        put: async (_group: object, _text: unknown, { signal }: { signal: AbortSignal }) => {
          at('push');
          // What has to end by then would have ended.
          await systemClock.sleep(50, { signal });
        },
        delete: async () => undefined,
      }),
    ],
  };
}

describe.each<Moment>(['lease', 'login', 'listing', 'ticket', 'flight', 'push'])(
  'a run in which the wall clock is set at the moment of the %s',
  (moment) => {
    it.each([
      ['forward', HOUR_MS],
      ['back', -HOUR_MS],
    ])('is whole, and takes as long as ever: %s by an hour', async (_direction, stepMs) => {
      await using folder = await createTemporaryFolder('clock-steps');
      await using opened = await openState(folder.path);
      let offsetMs = 0;
      const clock: Clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
      const estate = createEstate({ targets: [TARGET], state: opened.state, clock, batch: () => 'well' });
      const [services] = estate.sweep.config.sweeps;
      if (services === undefined) throw new RangeError('no sweep');
      const met: Moment[] = [];
      const stepping = withMoments(estate.sweep, (now) => {
        met.push(now);
        if (now === moment) offsetMs = stepMs;
      });
      const { exitCode, targets } = await runSweep({ sweep: services }, stepping, running);
      const [target] = targets;
      expect(met).toContain(moment);
      expect(target?.hosts.map(({ outcomes }) => outcomes)).toEqual(
        TARGET.hosts.map(() => ({ vcenter: ok, ssh: ok })),
      );
      expect({ exitCode, deliveries: target?.deliveries, problems: target?.problems }).toEqual({
        exitCode: 0,
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        problems: [],
      });
      expect(target?.durationMs).toBeLessThan(60_000);
    });
  },
);
