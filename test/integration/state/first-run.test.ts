import { expect, it } from 'vitest';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEstate, createFastClock, openState } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const running = { signal: new AbortController().signal };

it('asks every one of 2,000 hosts that are not proven in the first run, each with its attempt on record', async () => {
  await using folder = await createTemporaryFolder('first-run');
  await using opened = await openState(folder.path);
  const well = 'well' as const;
  const hosts = Array.from({ length: 2_000 }, (_, n) => ({
    address: `10.1.${n >> 8}.${n & 255}`,
    ssh: well,
  }));
  const ways = { login: well, listing: well, ticket: well, clone: well, retrieval: well, close: well };
  const estate = createEstate({
    targets: [{ ...ways, hosts }],
    state: opened.state,
    // As of an interval of a minute and a half.
    clock: createFastClock(1 / 9),
    batch: () => well,
  });
  const [sweep] = estate.sweep.config.sweeps;
  if (sweep === undefined) throw new RangeError('the estate has no sweep');
  const { targets } = await runSweep({ sweep }, estate.sweep, running);
  expect(targets[0]?.problems).toEqual([]);
  expect(targets[0]?.paths.ssh?.reasons).toEqual({ ok: 2_000 });
  expect([...estate.logins.values()]).toEqual(Array(2_000).fill(1));
});
