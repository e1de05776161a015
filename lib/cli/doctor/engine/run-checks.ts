import pLimit from 'p-limit';
import type { Clock } from '../../../platform/clock.ts';
import { withTimeLimit } from '../../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../../platform/errors.ts';
import { untilAborted } from '../../../platform/until-aborted.ts';
import { red, type Verdict, yellow } from '../verdicts/verdict.ts';
import type { Check, Line } from './check.ts';

const DEFAULT_MS = 15_000;
/** Each holds a connection or two; a fleet of hundreds of targets takes its turns. */
const AT_ONCE = 32;

interface Result {
  readonly lines: readonly Line[];
  readonly passed: boolean;
}

/**
 * Makes all checks, side by side where none waits for another, and hands the lines out in their order as soon as they are known.
 * A check that throws, hangs or ignores its signal is a red line and costs no other one. Rejects only with the reason of `signal`.
 * Whichever way it ends, no check begins any more, and those that log in have ended.
 */
export async function* runChecks(
  checks: readonly Check[],
  { clock, signal: outer }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<Line> {
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const logins = new Set<Promise<unknown>>();
  const limit = pLimit(AT_ONCE);
  const results = new Map<Check, Promise<Result>>();
  const make = async (check: Check): Promise<Result> => {
    const before = await Promise.all((check.after ?? []).map((one) => resultOf(one)));
    const failed = check.after?.find((_, index) => before[index]?.passed === false);
    if (failed !== undefined) {
      const reason = `not checked, because ${failed.name} of ${failed.subject} did not pass`;
      return { lines: [{ ...named(check), ...yellow(reason) }], passed: false };
    }
    const verdicts = await limit(() => judge(check, { clock, signal, logins }));
    const lines = verdicts.map((verdict) => ({ ...named(check), ...verdict }));
    const isSound = verdicts.every(({ colour }) => colour !== 'red');
    return { lines, passed: isSound && (check.passed?.() ?? true) };
  };
  const resultOf = (check: Check): Promise<Result> => {
    const known = results.get(check) ?? make(check);
    results.set(check, known);
    return known;
  };
  // All begin before the first is waited for; `make` rejects for nobody who does not wait.
  for (const check of checks) resultOf(check).catch(() => undefined);
  try {
    for (const check of checks) {
      const { lines } = await untilAborted(resultOf(check), signal);
      yield* lines;
    }
  } finally {
    over.abort();
    await Promise.allSettled(logins);
  }
}

const named = ({ name, subject }: Check) => ({ check: name, subject });

async function judge(
  check: Check,
  { clock, signal, logins }: { clock: Clock; signal: AbortSignal; logins: Set<Promise<unknown>> },
): Promise<readonly Verdict[]> {
  signal.throwIfAborted();
  const { name, subject, ms = DEFAULT_MS } = check;
  try {
    const what = `${name} of ${subject}`;
    const found = await withTimeLimit({ clock, ms, what, signal }, (limited) => {
      const running = check.run({ signal: limited });
      if (check.logsIn) logins.add(running);
      return untilAborted(running, limited);
    });
    return [found].flat();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DeadlineError) {
      const reason = `no answer within ${ms / 1_000} s`;
      return [check.late === 'yellow' ? yellow(`not checked: ${reason}`) : red(reason)];
    }
    return [red(messageOf(error))];
  }
}
