import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunsUnderWay } from '../../../lib/sweep/run/runs-under-way.ts';

const { signal } = new AbortController();
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the runs of a process', () => {
  it('are begun at once, side by side', async () => {
    const runs = createRunsUnderWay();
    const ends = await Promise.all([runs.begin({ signal }), runs.begin({ signal })]);
    expect(ends).toHaveLength(2);
  });

  it('keep what is done alone waiting until the last of them ends, whichever that is', async () => {
    const runs = createRunsUnderWay();
    const [first, second] = [await runs.begin({ signal }), await runs.begin({ signal })];
    let worked = false;
    const alone = runs.alone(async () => (worked = true), { signal });
    first();
    first();
    await turn();
    expect(worked).toBe(false);
    second();
    await expect(alone).resolves.toBe(true);
  });

  it('wait with their begin while something is done alone, also where that fails', async () => {
    const runs = createRunsUnderWay();
    const work = Promise.withResolvers<void>();
    const alone = runs.alone(() => work.promise, { signal });
    let begun = false;
    const beginning = runs.begin({ signal }).then(() => (begun = true));
    await turn();
    expect(begun).toBe(false);
    work.reject(new Error('it failed'));
    await expect(alone).rejects.toThrow('it failed');
    await beginning;
    expect(begun).toBe(true);
  });

  it('are not waited for longer than the signal says, and nothing is done alone then', async () => {
    const runs = createRunsUnderWay();
    const end = await runs.begin({ signal });
    const stop = new AbortController();
    const alone = runs.alone(async () => 'worked', stop);
    stop.abort();
    await expect(alone).resolves.toBeUndefined();
    end();
    await expect(runs.alone(async () => 'worked', { signal: AbortSignal.abort() })).resolves.toBeUndefined();
    await expect(runs.alone(async () => 'worked', { signal })).resolves.toBe('worked');
  });

  it('that are stopped wait for nobody', async () => {
    const runs = createRunsUnderWay();
    const work = Promise.withResolvers<void>();
    const alone = runs.alone(() => work.promise, { signal });
    const stop = new AbortController();
    const begin = runs.begin(stop);
    stop.abort();
    (await begin)();
    work.resolve();
    await alone;
  });

  it('are never under way beside what is done alone, in any order of events', async () => {
    const events = fc.array(fc.record({ isRun: fc.boolean(), afterTurns: fc.nat(5), turns: fc.nat(5) }), {
      minLength: 1,
      maxLength: 15,
    });
    await fc.assert(
      fc.asyncProperty(events, async (some) => {
        const runs = createRunsUnderWay();
        const now = { runs: 0, alone: 0 };
        let done = 0;
        const wait = async (turns: number) => {
          for (let left = turns; left > 0; left -= 1) await Promise.resolve();
        };
        const look = () => {
          expect(now.alone).toBeLessThanOrEqual(1);
          expect(now.alone * now.runs).toBe(0);
        };
        const during = async (kind: 'runs' | 'alone', turns: number) => {
          now[kind] += 1;
          look();
          await wait(turns);
          now[kind] -= 1;
          done += 1;
        };
        const happen = async ({ isRun, afterTurns, turns }: (typeof some)[number]) => {
          await wait(afterTurns);
          if (!isRun) return await runs.alone(() => during('alone', turns), { signal });
          const end = await runs.begin({ signal });
          await during('runs', turns);
          end();
        };
        await Promise.all(some.map(happen));
        expect(done).toBe(some.length);
      }),
    );
  });
});
