import { expect, it } from 'vitest';
import { planRunTimes } from '../../../lib/config/run-times.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createNetboxRun } from '../../../lib/sweep/plan/netbox-run.ts';
import { createStallingClock } from '../../support/stalling-clock.ts';
import { T0 } from './builders.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A run of a minute whose NetBox answers when the test says so; its listing ends after 14.7 s. */
function start() {
  const clock = createStallingClock(T0);
  const answer = Promise.withResolvers<never>();
  const times = planRunTimes({ start: T0, everyMs: 60_000 });
  const run = createNetboxRun(
    { whenDown: 'use-stale' },
    { times, timeline: startTimeline(clock) },
    {
      clock,
      startActiveDevices: ({ signal }) => ({
        now: untilAborted(answer.promise, signal),
        before: Promise.resolve(undefined),
        notes: [],
      }),
    },
    { signal: new AbortController().signal },
  );
  const answerIt = () => answer.resolve({ readAt: T0, devices: [] } as never);
  return { clock, run, answerIt };
}

it('what NetBox did not say by the end of the listing counts as down', async () => {
  const { clock, run, answerIt } = start();
  const verdict = run.verdict();
  clock.advance(15_000);
  await nextTurn();
  answerIt();
  expect(await verdict).toMatchObject({ up: false, asks: 'all' });
});

it('is waited for as much longer as this process was stalled', async () => {
  const { clock, run, answerIt } = start();
  const verdict = run.verdict();
  clock.stall(20_000);
  clock.advance(20_000);
  await nextTurn();
  answerIt();
  expect(await verdict).toMatchObject({ up: true, problems: [] });
});
