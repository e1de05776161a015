import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { decodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import type { SweepTargetDeps } from '../../../lib/sweep/run/sweep-target.ts';
import { createEstate, openState } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const running = { signal: new AbortController().signal };
/** More hosts than that give a result over its bounds. */
const FITS = 8;

it('a run after a result that was too large asks for smaller batches', async () => {
  await using folder = await createTemporaryFolder('batch-size');
  await using opened = await openState(folder.path);
  const well = { login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well' } as const;
  const hosts = Array.from({ length: 20 }, (_, n) => ({ address: `10.0.0.${n}`, ssh: 'well' as const }));
  const estate = createEstate({
    targets: [{ ...well, close: 'well', hosts }],
    state: opened.state,
    clock: systemClock,
    batch: () => 'well',
  });
  const sizes: number[] = [];
  const invoke: SweepTargetDeps['invoke'] = async (name, payload, options) => {
    const request = decodeBatchRequest(payload);
    if (request.does === 'read') return await estate.sweep.invoke(name, payload, options);
    const asked = request.hosts.length;
    sizes.push(asked);
    const answer = await estate.sweep.invoke(name, payload, options);
    if (asked <= FITS) return answer;
    return Buffer.from(Buffer.from(answer).toString().replace('"tooLarge":false', '"tooLarge":true'));
  };
  const sweep = async () => {
    const [services] = estate.sweep.config.sweeps;
    if (services === undefined) throw new RangeError('no sweep');
    sizes.length = 0;
    const { targets } = await runSweep({ sweep: services }, { ...estate.sweep, invoke }, running);
    const outcomes = targets[0]?.hosts.map((host) =>
      Object.values(host.outcomes).map(printOutcome).join(' '),
    );
    return { sizes: sizes.toSorted((one, other) => one - other), outcomes: [...new Set(outcomes)] };
  };
  // The first run tries the credential in waves.
  await sweep();
  const told = [await sweep(), await sweep(), await sweep()];
  expect(told.at(-1)).toEqual({ sizes: [5, 5, 5, 5], outcomes: ['ok ok'] });
  expect(told.map((one) => Math.max(...one.sizes))).toEqual([20, 10, 5]);
});
