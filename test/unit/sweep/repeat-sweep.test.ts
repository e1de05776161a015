import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { notSwept, type RunSummary, type TargetSummary } from '../../../lib/sweep/result/summary.ts';
import { createRepeatedSweep } from '../../../lib/sweep/run/repeat-sweep.ts';

const EVERY_MS = 10_000;

/** Stands still but for what sleeps and what the test adds. */
function createStillClock(): Clock & { at: number; readonly rests: number[] } {
  const clock = {
    at: 1_000_000,
    rests: [] as number[],
    now: () => clock.at,
    monotonic: () => clock.at,
    async sleep(ms: number) {
      clock.rests.push(ms);
      clock.at += ms;
    },
  };
  return clock;
}

const summary = (at: number): RunSummary => ({
  runId: 'r',
  sweep: 'services',
  scheduledAt: at,
  startedAt: at,
  endedAt: at + 5,
  exitCode: 0,
  targets: [],
});

/** Goes through the runs, each a function of the clock that may throw, and is ended after the last one. */
async function repeat(
  runs: readonly ((clock: ReturnType<typeof createStillClock>) => void)[],
  changes: Partial<RunSummary> = {},
) {
  const clock = createStillClock();
  const lines: string[] = [];
  const ended = new AbortController();
  let made = 0;
  let atOnce = 0;
  const repeated = createRepeatedSweep(
    { name: 'services', everyMs: EVERY_MS },
    {
      clock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'info' }),
      async runOnce() {
        atOnce += 1;
        expect(atOnce).toBe(1);
        const run = runs[made];
        made += 1;
        if (made === runs.length) ended.abort();
        await Promise.resolve();
        atOnce -= 1;
        run?.(clock);
        return { ...summary(clock.now()), ...changes };
      },
    },
  );
  await repeated.run(ended);
  return { status: repeated.status(), rests: clock.rests, lines, made };
}

const takes = (ms: number) => (clock: { at: number }) => {
  clock.at += ms;
};
const breaks = () => {
  throw new Error('out of luck');
};

describe('createRepeatedSweep', () => {
  it('rests for what is left of the interval, and not at all after a run that took longer', async () => {
    const { rests } = await repeat([takes(4_000), takes(25_000), takes(0)]);
    expect(rests).toEqual([6_000, 0, EVERY_MS]);
  });

  it('rests for an interval at most when the clock was set back', async () => {
    const { rests } = await repeat([takes(-3_600_000), takes(0)]);
    expect(rests[0]).toBe(EVERY_MS);
  });

  it('logs and counts a run that threw, and goes on with the next one', async () => {
    const { status, lines, made } = await repeat([breaks, breaks, takes(0)]);
    expect(made).toBe(3);
    expect(lines).toEqual([
      expect.stringMatching(/sweep services: the run ended by an internal error.*out of luck.*broken=1/),
      expect.stringMatching(/broken=2/),
    ]);
    expect(status).toMatchObject({
      broken: 2,
      isStuck: false,
      isBroken: false,
      lastRun: { exitCode: 0, durationMs: 5 },
    });
  });

  it('is broken and not stuck when every run threw for more than three intervals', async () => {
    const { status } = await repeat([breaks, breaks, breaks, breaks]);
    expect(status).toMatchObject({ broken: 4, isStuck: false, isBroken: true });
    expect(status.lastRun).toBeUndefined();
    expect((await repeat([breaks, breaks, breaks])).status.isBroken).toBe(false);
  });

  it('tells of the last run how each target came out, by path', async () => {
    const path = (ok: number, failed: number, skipped: number) => ({
      hosts: 9,
      ok,
      failed,
      skipped,
      reasons: {},
    });
    const target = (name: string, status: TargetSummary['status'], paths: TargetSummary['paths']) => ({
      ...notSwept(name, 'lease', []),
      status,
      paths,
    });
    const { status } = await repeat([takes(0)], {
      exitCode: 3,
      targets: [
        target('vc1', 'swept', { vcenter: path(3, 2, 1), ssh: path(1, 0, 5) }),
        target('vc2', 'unlisted', {}),
      ],
    });
    expect(status).toEqual({
      name: 'services',
      everyMs: EVERY_MS,
      isStuck: false,
      isBroken: false,
      broken: 0,
      lastRun: {
        startedAt: 1_000_000,
        durationMs: 5,
        exitCode: 3,
        targets: {
          vc1: 'swept; vcenter 3 ok, 2 failed, 1 skipped; ssh 1 ok, 0 failed, 5 skipped',
          vc2: 'unlisted',
        },
      },
    });
  });
});
