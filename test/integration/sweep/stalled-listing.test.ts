import { expect, it } from 'vitest';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import { createEstate, createMemoryState, type FakeTarget } from '../../support/fake-estate.ts';

const running = { signal: new AbortController().signal };
const TARGET: FakeTarget = {
  hosts: [{ address: '10.0.0.1', ssh: 'well' }],
  ...{ login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well', close: 'well' },
};

/** How the listing of a run ended whose vCenter answers 3 s after its start; it has 2.1 s. */
async function listingOf({ stalledMs }: { stalledMs: number }) {
  const eager = createEagerClock();
  let stalled = 0;
  const clock = { ...eager, stalledMs: () => stalled };
  const { sweep } = createEstate({
    targets: [TARGET],
    state: createMemoryState(eager),
    clock,
    batch: () => 'well',
    every: '10s',
  });
  const [services] = sweep.config.sweeps;
  if (services === undefined) throw new RangeError('no sweep');
  const login: typeof sweep.login = async (...asked) => {
    const session = await sweep.login(...asked);
    return {
      ...session,
      list: async (query, options) => {
        stalled = stalledMs;
        await untilAborted(clock.sleep(3_000, running), options.signal);
        return session.list(query, options);
      },
    };
  };
  const { targets } = await runSweep({ sweep: services }, { ...sweep, login }, running);
  return targets[0]?.listing;
}

it('a listing that is late is given up, and waited for where this process was stalled meanwhile', async () => {
  expect(await listingOf({ stalledMs: 0 })).toBe('none');
  expect(await listingOf({ stalledMs: 20_000 })).toBe('fresh');
});
