import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Check, Line } from '../../../../lib/cli/doctor/engine/check.ts';
import { runChecks } from '../../../../lib/cli/doctor/engine/run-checks.ts';
import { type Colour, green, red, yellow } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const { signal } = new AbortController();
const VERDICTS = { green, yellow, red };

async function linesOf(checks: readonly Check[], options = { clock: systemClock, signal }): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of runChecks(checks, options)) lines.push(line);
  return lines;
}

const check = (name: string, run: Check['run'], more: Partial<Check> = {}): Check => ({
  name,
  subject: 's',
  run,
  ...more,
});

describe('runChecks', () => {
  it('makes a check if and only if all that it is behind passed, each once, and keeps the order of the lines', async () => {
    const graph = fc.array(
      fc.record({
        colour: fc.constantFrom<Colour>('green', 'yellow', 'red'),
        throws: fc.boolean(),
        after: fc.array(fc.nat({ max: 11 }), { maxLength: 3 }),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(graph, async (nodes) => {
        const made: number[] = [];
        const checks: Check[] = [];
        const passes: boolean[] = [];
        for (const [index, { colour, throws, after }] of nodes.entries()) {
          const before = [...new Set(after.filter((one) => one < index))];
          passes.push(colour !== 'red' && !throws && before.every((one) => passes[one]));
          checks.push(
            check(
              String(index),
              async () => {
                made.push(index);
                if (throws) throw new Error('broken');
                return VERDICTS[colour]('found');
              },
              { after: before.flatMap((one) => checks[one] ?? []) },
            ),
          );
        }
        const lines = await linesOf(checks);
        expect(lines.map((line) => line.check)).toEqual(nodes.map((_, index) => String(index)));
        const expected = nodes.flatMap(({ after }, index) =>
          after.filter((one) => one < index).every((one) => passes[one]) ? [index] : [],
        );
        expect(made.toSorted((one, other) => one - other)).toEqual(expected);
        for (const [index, line] of lines.entries()) {
          if (expected.includes(index)) continue;
          expect(line).toMatchObject({
            colour: 'yellow',
            reason: expect.stringMatching(/^not checked, because/),
          });
        }
      }),
    );
  });

  it('names the check that did not pass', async () => {
    const first = check('dns', async () => red('no'), { subject: 'vc01' });
    const second = check('tcp', async () => green('yes'), { after: [first] });
    const third = check('tls', async () => green('yes'), { after: [second] });
    expect((await linesOf([first, second, third])).map(({ reason }) => reason)).toEqual([
      'no',
      'not checked, because dns of vc01 did not pass',
      'not checked, because tcp of s did not pass',
    ]);
  });

  it('ends a check that hangs and ignores its signal at its deadline, while the others go on', async () => {
    const clock = createManualClock();
    const hung = check('hung', () => new Promise<never>(() => undefined), { ms: 3_000 });
    let seen: AbortSignal | undefined;
    const slow = check('slow', async (options) => {
      seen = options.signal;
      return await new Promise<never>(() => undefined);
    });
    const quick = check('quick', async () => green('yes'));
    const lines: Line[] = [];
    const running = (async () => {
      for await (const line of runChecks([quick, hung, slow], { clock, signal })) lines.push(line);
    })();
    while (lines.length < 1 || clock.sleepers() < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toMatchObject([{ check: 'quick', colour: 'green' }]);
    clock.advance(3_000);
    while (lines.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(lines[1]).toMatchObject({ check: 'hung', colour: 'red', reason: 'no answer within 3 s' });
    expect(seen?.aborted).toBe(false);
    clock.advance(15_000);
    await running;
    expect(lines[2]).toMatchObject({ check: 'slow', colour: 'red', reason: 'no answer within 15 s' });
    expect(seen?.aborted).toBe(true);
  });

  it('is yellow where a check that is late says nothing of a run, and what asks to be passed is not', async () => {
    const clock = createManualClock();
    const late: Check = {
      ...check('late', async () => await new Promise<never>(() => undefined)),
      late: 'yellow',
      passed: () => false,
    };
    const behind: Check = { ...check('behind', async () => green('yes')), after: [late] };
    const lines: Line[] = [];
    const running = (async () => {
      for await (const line of runChecks([late, behind], { clock, signal })) lines.push(line);
    })();
    while (clock.sleepers() < 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(15_000);
    await running;
    expect(lines).toMatchObject([
      { check: 'late', colour: 'yellow', reason: 'not checked: no answer within 15 s' },
      { check: 'behind', colour: 'yellow', reason: expect.stringContaining('late of') },
    ]);
  });

  it('gives the time of a stall of this process again: what others sent meanwhile was not read', async () => {
    let stalledMs = 0;
    const clock = { ...createManualClock(), stalledMs: () => stalledMs };
    const answered = Promise.withResolvers<ReturnType<typeof green>>();
    const running = linesOf([check('slow', () => answered.promise, { ms: 5_000 })], { clock, signal });
    while (clock.sleepers() < 1) await new Promise((resolve) => setImmediate(resolve));
    stalledMs = 20_000;
    clock.advance(5_000);
    while (clock.sleepers() < 1) await new Promise((resolve) => setImmediate(resolve));
    answered.resolve(green('late, and read'));
    expect(await running).toMatchObject([{ colour: 'green', reason: 'late, and read' }]);
  });

  it('rejects with the reason of its signal, whatever its checks do', async () => {
    const stop = new AbortController();
    const running = linesOf([check('hung', () => new Promise<never>(() => undefined))], {
      clock: createManualClock(),
      signal: stop.signal,
    });
    stop.abort(new Error('stopped by a signal'));
    await expect(running).rejects.toThrow('stopped by a signal');
  });

  it.each<[string, (stop: AbortController, clock: ReturnType<typeof createManualClock>) => void]>([
    ['a signal', (stop) => stop.abort(new Error('stopped by a signal'))],
    ['its deadline', (_, clock) => clock.advance(15_000)],
  ])(
    'waits for a check that logs in and was given up by %s until its login is on record',
    async (_, giveUp) => {
      const clock = createManualClock();
      const stop = new AbortController();
      const recorded = Promise.withResolvers<void>();
      let aborted = false;
      const login = check(
        'login',
        async (options) => {
          await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
          aborted = true;
          await recorded.promise;
          return green('late');
        },
        { logsIn: true },
      );
      let isOver = false;
      const running = linesOf([login], { clock, signal: stop.signal })
        .catch((error: Error) => error.message)
        .finally(() => {
          isOver = true;
        });
      while (clock.sleepers() < 1) await new Promise((resolve) => setImmediate(resolve));
      giveUp(stop, clock);
      for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      expect({ aborted, isOver }).toEqual({ aborted: true, isOver: false });
      recorded.resolve();
      await running;
    },
  );

  it('begins no check any more for somebody who stopped to read, and has waited for its login', async () => {
    const ended: string[] = [];
    let seen: AbortSignal | undefined;
    const login = check(
      'login',
      async (options) => {
        seen = options.signal;
        await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
        ended.push('login');
        return green('late');
      },
      { logsIn: true },
    );
    const behind = check('behind', async () => red('never made'), { after: [login] });
    const quick = check('quick', async () => green('yes'));
    for await (const line of runChecks([quick, login, behind], { clock: systemClock, signal })) {
      expect(line.check).toBe('quick');
      break;
    }
    expect({ ended, aborted: seen?.aborted }).toEqual({ ended: ['login'], aborted: true });
  });

  it('has a line for each verdict of a check, and one of them that is red keeps what is behind it from being made', async () => {
    const several = check('privileges', async () => [yellow('a'), red('b', 'mend it')]);
    const behind = check('behind', async () => green('c'), { after: [several] });
    expect(await linesOf([several, behind])).toMatchObject([
      { colour: 'yellow', reason: 'a' },
      { colour: 'red', reason: 'b', command: 'mend it' },
      { colour: 'yellow', reason: 'not checked, because privileges of s did not pass' },
    ]);
  });
  it('makes 32 checks at once: each holds a connection or two', async () => {
    let begun = 0;
    const stop = new AbortController();
    const hung = Array.from({ length: 40 }, (_, at) =>
      check(`hung ${at}`, async () => {
        begun += 1;
        return await new Promise<never>(() => undefined);
      }),
    );
    const running = linesOf(hung, { clock: createManualClock(), signal: stop.signal });
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(32);
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
  });
});
