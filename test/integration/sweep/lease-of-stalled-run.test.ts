import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEstate, type FakeTarget } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { sinkOf } from '../../support/sink-of.ts';
import { expectDocumented, seenIn } from './faults/expect-documented.ts';

const running = { signal: new AbortController().signal };
const TARGET: FakeTarget = {
  hosts: [{ address: '10.0.0.1', ssh: 'well' }],
  ...{ login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well', close: 'well' },
};

/** Two processes that run the same sweep; the first one is paused in its push. */
async function startTwo() {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTemporaryFolder('stalled-lease'));
  const clock = systemClock;
  const embedded = opening.use(
    await openEmbeddedState({ path: join(folder.path, 'state'), log: silentLog }, running),
  );
  /** How far the table's clock is ahead of the process's: what passed while that was paused. */
  let pausedMs = 0;
  const state = createState({ ...embedded, clock: { ...clock, now: () => clock.now() + pausedMs } });
  let stalledMs = 0;
  const own = { ...clock, stalledMs: () => stalledMs };
  const { sweep } = createEstate({ targets: [TARGET], state, clock: own, batch: () => 'well', every: '10s' });
  const [services] = sweep.config.sweeps;
  const name = sweep.config.targets[0]?.name ?? '';
  if (services === undefined) throw new RangeError('no sweep');
  const pushing = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const put = async (_group: object, _text: unknown, { signal }: { signal: AbortSignal }) => {
    pushing.resolve();
    await untilAborted(answered.promise, signal);
  };
  const first = runSweep(
    { sweep: services },
    { ...sweep, sinks: [sinkOf({ put, delete: async () => undefined })] },
    running,
  );
  await pushing.promise;
  const leaseEnd = async () => (await state.runs.readLease(services.name, name, running))?.endsAt;
  const taken = (await leaseEnd()) ?? 0;
  const resources = opening.move();
  return {
    first: () => first,
    second: async () =>
      (await runSweep({ sweep: services }, { ...sweep, sinks: [] }, running)).targets[0]?.status,
    /** The first process was paused; until the table saw the lease end when `pastLease`. */
    pause: ({ pastLease = false } = {}) => {
      stalledMs += 5_000;
      if (pastLease) pausedMs = 60_000;
    },
    /** Until the run goes on behind its end; then the lease as it was taken would be over by the table's clock. */
    waitForGrace: async () => {
      await vi.waitFor(async () => expect(await leaseEnd()).toBeGreaterThan(taken), { timeout: 60_000 });
      pausedMs = Math.max(0, taken + 1 - clock.now());
    },
    answerPush: answered.resolve,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

it('a run that goes on after a stall keeps its lease, past its end: no other run begins beside it', async () => {
  await using processes = await startTwo();
  processes.pause();
  await processes.waitForGrace();
  expect(await processes.second()).toBe('lease');
  processes.answerPush();
  expect((await processes.first()).targets[0]?.deliveries).toEqual([
    { sink: 'pushgateway', outcome: 'delivered' },
  ]);
  expect(await processes.second()).toBe('swept');
});

it('a run does not go on after a stall in which another one began', async () => {
  await using processes = await startTwo();
  processes.pause({ pastLease: true });
  expect(await processes.second()).toBe('swept');
  const summary = await processes.first();
  expect(summary.targets[0]?.deliveries).toEqual([{ sink: 'pushgateway', outcome: 'failed' }]);
  const fault = 'another run begins while the process is paused';
  expectDocumented(fault, seenIn(summary, { pushed: 'nothing' }));
});
