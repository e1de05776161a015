import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import type { SweepTargetDeps } from '../../../lib/sweep/run/sweep-target.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import {
  createEstate,
  createMemoryState,
  openState,
  type SshWhim,
  type Whim,
} from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { sinkOf } from '../../support/sink-of.ts';

const running = { signal: new AbortController().signal };

it('a last run that could not be read is told of, and its last success is not lost', async () => {
  await using folder = await createTemporaryFolder('last-run');
  await using opened = await openState(folder.path);
  const host = { address: '10.0.0.1', ssh: 'well' as SshWhim };
  const target = {
    login: 'well',
    listing: 'well',
    ticket: 'well',
    retrieval: 'well',
    close: 'well',
  } as const;
  const fake = { ...target, hosts: [host], clone: 'well' as Whim };
  const estate = createEstate({
    targets: [fake],
    state: opened.state,
    clock: systemClock,
    batch: () => 'well',
  });
  const { runs } = estate.sweep;
  const [services] = estate.sweep.config.sweeps;
  if (services === undefined) throw new RangeError('no sweep');
  const sweep = async (changes: Partial<SweepTargetDeps> = {}) => {
    const { exitCode, targets } = await runSweep(
      { sweep: services },
      { ...estate.sweep, ...changes },
      running,
    );
    return { exitCode, problems: targets[0]?.problems };
  };
  const name = estate.sweep.config.targets[0]?.name ?? '';
  const lastSuccess = async () => (await runs.readLast(services.name, name, running))?.lastSuccessAt;
  const unread = { ...runs, readLast: () => Promise.reject(new Error('no answer')) };

  expect(await sweep()).toEqual({ exitCode: 0, problems: [] });
  const before = await lastSuccess();
  expect(before).toBeDefined();
  host.ssh = 'fails';
  fake.clone = 'fails';
  expect(await sweep({ runs: unread })).toEqual({
    exitCode: 1,
    problems: ['the last run could not be read: no answer'],
  });
  expect(await lastSuccess()).toBe(before);
  await sweep();
  expect(await lastSuccess()).toBe(before);
});

it('a run is remembered also when the Pushgateway hangs until its end', async () => {
  const clock = createEagerClock();
  const well = 'well' as const;
  const ways = { login: well, listing: well, ticket: well, clone: well, retrieval: well, close: well };
  const estate = createEstate({
    targets: [{ ...ways, hosts: [{ address: '10.0.0.1', ssh: well }] }],
    state: createMemoryState(clock),
    clock,
    batch: () => well,
  });
  const { config, runs } = estate.sweep;
  const [services] = config.sweeps;
  if (services === undefined) throw new RangeError('no sweep');
  const never = Promise.withResolvers<void>().promise;
  const sink = sinkOf({
    put: async (_group, _text, { signal }) => await untilAborted(never, signal),
    delete: async () => undefined,
  });
  const { startedAt, targets } = await runSweep(
    { sweep: services },
    { ...estate.sweep, sinks: [sink] },
    running,
  );
  expect(targets[0]).toMatchObject({
    deliveries: [{ sink: 'pushgateway', outcome: 'failed' }],
    problems: [expect.stringContaining('pushgateway: not delivered before the end of the run')],
  });
  const last = await runs.readLast(services.name, config.targets[0]?.name ?? '', running);
  expect(last).toMatchObject({ startedAt, exitCode: 1 });
});
