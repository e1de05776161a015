import { describe, expect, it } from 'vitest';
import { type RunTaskDeps, runTask, StuckError } from '../../../functions/task/run-task.ts';
import { sections } from '../../../lib/config/schema.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const MINUTE = 60_000;
const sweepsOf = (...names: string[]) =>
  sections.sweeps.parse(
    names.map((name) => ({ name, job: name, every: '1m', collectors: ['overall-status'] })),
  );
const summaryOf = (sweep: string, at: number, exitCode: RunSummary['exitCode'] = 0): RunSummary => ({
  runId: 'r',
  sweep,
  scheduledAt: at,
  startedAt: at,
  endedAt: at,
  exitCode,
  targets: [],
});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A task on a clock that the test moves, and what it did. */
function start(runSweep: RunTaskDeps['runSweep'] | undefined, ...names: string[]) {
  let [step, stalled] = [0, 0];
  const still = createManualClock();
  const clock = { ...still, now: () => still.now() + step, stalledMs: () => stalled };
  const lines: string[] = [];
  const published: string[] = [];
  const runs: string[] = [];
  const stopping = new AbortController();
  const ended = runTask(
    {
      sweeps: sweepsOf(...names),
      clock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'info' }),
      async runSweep(order, options) {
        runs.push(order.sweep.name);
        return await (runSweep?.(order, options) ?? summaryOf(order.sweep.name, clock.now()));
      },
      publish: (values, { sweep }) => published.push(`${sweep} ${values.map(({ name }) => name)[0]}`),
    },
    stopping,
  );
  ended.catch(() => undefined);
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      clock.advance(10_000);
      await turn();
      await turn();
    }
  };
  return {
    lines,
    published,
    runs,
    stopping,
    ended,
    pass,
    /** The wall clock is set forward. */
    set(ms: number) {
      step += ms;
    },
    /** The process does not run for so long. */
    pause(ms: number) {
      stalled += ms;
      clock.advance(ms);
    },
  };
}

describe('the process of a task', () => {
  it('runs every sweep at once and then by its interval, as no schedule asked for it', async () => {
    const task = start(undefined, 'a', 'b');
    await task.pass(2 * MINUTE);
    expect(task.runs.toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(task.published.filter((one) => one.startsWith('a '))).toEqual(['a Runs', 'a Runs', 'a Runs']);
    task.stopping.abort();
    await task.ended;
  });

  it('goes on after a run that failed, which it says and publishes, and after one that threw', async () => {
    let count = 0;
    const task = start(async ({ sweep }) => {
      count += 1;
      if (count === 1) throw new Error('odd');
      return summaryOf(sweep.name, 0, 1);
    }, 'a');
    await task.pass(2 * MINUTE);
    expect(task.runs).toHaveLength(3);
    expect(task.published).toHaveLength(2);
    expect(task.lines.join('\n')).toContain('the run ended by an internal error');
    expect(task.lines.join('\n')).toContain('sweep a failed: no host is ok on any path');
    task.stopping.abort();
    await task.ended;
  });

  it('goes on when the clock is set forward, after a pause, and while runs end by an internal error', async () => {
    const hung = Promise.withResolvers<RunSummary>();
    const task = start(
      async ({ sweep }) => {
        if (sweep.name === 'a') throw new Error('odd');
        return await hung.promise;
      },
      'a',
      'b',
    );
    const end = task.ended.then(() => 'ended', String);
    await task.pass(10_000);
    task.set(200_000);
    task.pause(200_000);
    await task.pass(MINUTE);
    hung.resolve(summaryOf('b', 0));
    await task.pass(4 * MINUTE);
    expect(task.runs.filter((name) => name === 'a').length).toBeGreaterThan(5);
    task.stopping.abort();
    expect(await end).toBe('ended');
  });

  it('waits for a run under way when it is stopped, and publishes nothing of it', async () => {
    const last = Promise.withResolvers<RunSummary>();
    const task = start(() => last.promise, 'a');
    await turn();
    task.stopping.abort();
    let isOver = false;
    const over = task.ended.then(() => {
      isOver = true;
    });
    await turn();
    expect(isOver).toBe(false);
    last.resolve(summaryOf('a', 0, 1));
    await over;
    expect(task.published).toEqual([]);
    expect(task.lines).toEqual([]);
  });

  it('ends when no run of a sweep ended for more than three of its intervals, whatever the others do', async () => {
    const cut: string[] = [];
    const task = start(
      async ({ sweep }, { signal }) => {
        if (sweep.name === 'a') await new Promise<never>(() => undefined);
        // The fourth one, which is under way when the process finds out.
        if (task.runs.filter((name) => name === 'b').length > 3) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          cut.push('b');
        }
        return summaryOf(sweep.name, 0);
      },
      'a',
      'b',
    );
    await task.pass(3 * MINUTE);
    let ended: unknown;
    task.ended.catch((error: unknown) => {
      ended = error;
    });
    await turn();
    expect(ended).toBeUndefined();
    await task.pass(10_000);
    // The run of b is given time to end, and that of a does not end.
    expect(cut).toEqual(['b']);
    expect(ended).toBeUndefined();
    await task.pass(20_000);
    await expect(task.ended).rejects.toThrow(StuckError);
    await expect(task.ended).rejects.toThrow('no run of sweep a has ended');
  });
});
