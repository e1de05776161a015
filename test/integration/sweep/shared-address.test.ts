import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEstate, openState, type SshWhim } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const running = { signal: new AbortController().signal };

it('a password that was changed costs an account of several ports one refusal in a run', async () => {
  await using folder = await createTemporaryFolder('shared-address');
  await using opened = await openState(folder.path);
  const hosts = [22, 2022, 2023, 2024].map((port) => ({
    address: `10.0.0.1:${port}`,
    ssh: 'well' as SshWhim,
  }));
  const well = { login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well' } as const;
  const estate = createEstate({
    targets: [{ hosts, ...well, close: 'well' }],
    state: opened.state,
    clock: systemClock,
    batch: () => 'well',
  });
  const sweep = async () => {
    const [services] = estate.sweep.config.sweeps;
    if (services === undefined) throw new RangeError('no sweep');
    estate.logins.clear();
    const { targets } = await runSweep({ sweep: services }, estate.sweep, running);
    const ssh = targets[0]?.hosts.map(({ outcomes }) => outcomes.ssh && printOutcome(outcomes.ssh));
    return { ssh, logins: estate.logins.get('10.0.0.1') };
  };
  const left = 'skipped(allowance)';
  expect(await sweep()).toEqual({ ssh: ['ok', left, left, left], logins: 1 });
  expect(await sweep()).toEqual({ ssh: ['ok', 'ok', 'ok', 'ok'], logins: 4 });
  for (const host of hosts) host.ssh = 'refuses';
  // The one whose endpoint is first by its bytes: 10.0.0.1:2022.
  expect(await sweep()).toEqual({ ssh: [left, 'failed(auth)', left, left], logins: 1 });
});
