import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { runSweep } from '../../../lib/sweep/run-sweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { createEstate, type FakeTarget, openState } from './fake-estate.ts';

const running = { signal: new AbortController().signal };
const TARGET: FakeTarget = {
  hosts: [{ address: '10.0.0.1', ssh: 'well' }],
  ...{ login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well', close: 'well' },
};

/** How the listing of a run ended whose vCenter answers 3 s after its start; it has 2.1 s. */
async function listingOf({ stalledMs }: { stalledMs: number }) {
  await using folder = await createTemporaryFolder('stalled-listing');
  await using opened = await openState(folder.path);
  let stalled = 0;
  const clock = { ...systemClock, stalledMs: () => stalled };
  const { sweep } = createEstate({ targets: [TARGET], state: opened.state, clock, batch: () => 'well' });
  const [services] = sweep.config.sweeps;
  if (services === undefined) throw new RangeError('no sweep');
  const login: typeof sweep.login = async (...asked) => {
    const session = await sweep.login(...asked);
    return {
      ...session,
      listHosts: async (query, options) => {
        stalled = stalledMs;
        await untilAborted(systemClock.sleep(3_000, running), options.signal);
        return session.listHosts(query, options);
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
