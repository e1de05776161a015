import { describe, expect, it } from 'vitest';
import { planRunTimes } from '../../../lib/config/run-times.ts';
import type { NetboxConfig } from '../../../lib/config/schema.ts';
import type { KnownDevices } from '../../../lib/netbox/active-devices.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createNetboxRun } from '../../../lib/sweep/listing/netbox-run.ts';
import { createStallingClock } from '../../support/stalling-clock.ts';
import { T0 } from './builders.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

interface Said {
  whenDown?: NetboxConfig['whenDown'];
  before?: Promise<KnownDevices | undefined>;
  notes?: readonly string[];
}

/** A run of a minute whose NetBox answers when the test says so; its listing ends after 14.7 s. */
function start({ whenDown = 'use-stale', before = Promise.resolve(undefined), notes = [] }: Said = {}) {
  const clock = createStallingClock(T0);
  const answer = Promise.withResolvers<never>();
  const times = planRunTimes({ start: T0, everyMs: 60_000 });
  const asked: AbortSignal[] = [];
  const stop = new AbortController();
  const run = createNetboxRun(
    { whenDown },
    { times, timeline: startTimeline(clock) },
    {
      clock,
      startActiveDevices: ({ signal }) => {
        asked.push(signal);
        return { now: untilAborted(answer.promise, signal), before, notes: [...notes] };
      },
    },
    stop,
  );
  const answerIt = () => answer.resolve(KNOWN as never);
  return { clock, run, answerIt, fail: answer.reject, asked, stop };
}
const KNOWN: KnownDevices = { readAt: T0, devices: [] };

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

it('asks NetBox once for all targets, and goes by what it answers', async () => {
  const { run, answerIt, asked } = start({ notes: ['a note'] });
  const verdicts = [run.verdict(), run.verdict()];
  answerIt();
  const goesBy = { up: true, known: KNOWN, asks: 'active', problems: ['a note'] };
  expect(await Promise.all(verdicts)).toEqual([goesBy, goesBy]);
  expect(asked).toHaveLength(1);
});

describe('NetBox that fails', () => {
  it.each([
    ['use-stale', KNOWN, 'active', 'Using the NetBox answer from 2026-01-01T00:00:00.000Z'],
    ['use-stale', undefined, 'all', 'Every host is asked by ssh, active or not'],
    ['collect-all', KNOWN, 'all', 'Every host is asked by ssh, active or not'],
    ['collect-none', KNOWN, 'none', 'No host is asked by ssh'],
  ] as const)('with %s and %o known before has hosts asked: %s', async (whenDown, known, asks, says) => {
    const { run, fail } = start({ whenDown, before: Promise.resolve(known), notes: ['a note'] });
    const verdict = run.verdict();
    fail(new Error('403 Forbidden.'));
    expect(await verdict).toEqual({
      up: false,
      known,
      asks,
      problems: ['a note', `NetBox: 403 Forbidden. ${says} (netbox.whenDown).`],
    });
  });

  it('counts as never heard when the state cannot be read either', async () => {
    const { run, fail } = start({ before: Promise.reject(new Error('no table')) });
    const verdict = run.verdict();
    fail(new Error('403'));
    expect(await verdict).toMatchObject({ known: undefined, asks: 'all' });
  });

  it('is said to be late when it did not answer by the end of the listing', async () => {
    const { clock, run } = start();
    const verdict = run.verdict();
    clock.advance(15_000);
    expect((await verdict).problems).toEqual([
      expect.stringMatching(
        /^NetBox: no answer by the end of the listing phase.* Check its load.*Every host is asked/,
      ),
    ]);
  });
});

describe('the end of a run', () => {
  it('waits for an answer until the end of collecting, and for nothing where nobody asked', async () => {
    const { clock, run, asked } = start();
    await run.finish();
    expect(asked).toHaveLength(0);
    await Promise.race([run.verdict(), clock.advance(15_000)]);
    let finished = false;
    const end = run.finish().then(() => {
      finished = true;
    });
    await nextTurn();
    expect({ finished, aborted: asked[0]?.aborted }).toEqual({ finished: false, aborted: false });
    clock.advance(45_000);
    await end;
    expect(asked[0]?.aborted).toBe(true);
  });
});
