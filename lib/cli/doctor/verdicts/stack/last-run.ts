import { METRICS } from '../../../../config/cloudwatch.ts';
import { green, red, type Verdict, yellow } from '../verdict.ts';

/** One metric's sums, the newest first, as CloudWatch answers GetMetricData. */
interface Sums {
  readonly Id?: string | undefined;
  readonly Timestamps?: readonly Date[] | undefined;
  readonly Values?: readonly number[] | undefined;
}

const MINUTE_MS = 60_000;
/** Lambda hands logs, of which CloudWatch makes these metrics, over within a few minutes. */
const LATE_MS = 5 * MINUTE_MS;

/** How far back a run has to be: three intervals, as the alarm `missing` has it. */
export const windowOf = (everyMs: number): number => Math.max(3 * everyMs, 10 * MINUTE_MS) + LATE_MS;

/** Whether runs of a sweep end, and the newest one well; `logs` shows the log of the function. */
export function judgeLastRun(
  found: readonly Sums[],
  of: { everyMs: number; now: number; deployedAt: number | undefined; logs: string | undefined },
): Verdict {
  const at = (id: string) =>
    new Map(sumsOf(found.find(({ Id }) => Id === id)).map(({ time, value }) => [time, value]));
  const runs = [...at('runs')].filter(([, value]) => value > 0).map(([time]) => time);
  const newest = Math.max(...runs);
  if (runs.length === 0) return judgeSilence(of);
  const when = `at ${new Date(newest).toISOString()}`;
  if ((at('failed').get(newest) ?? 0) > 0)
    return yellow(`its last run ended ${when}, and failed (metric ${METRICS.failedRuns})`, of.logs);
  return green(`its last run ended ${when}`);
}

function judgeSilence({ everyMs, now, deployedAt, logs }: Parameters<typeof judgeLastRun>[1]): Verdict {
  const window = windowOf(everyMs);
  const minutes = `${Math.round(window / MINUTE_MS)} minutes`;
  if (deployedAt !== undefined && now - deployedAt < window)
    return yellow(`no run ended within ${minutes}; the function was changed less than that ago`);
  return red(`no run ended within ${minutes}`, logs);
}

const sumsOf = ({ Timestamps = [], Values = [] }: Sums = {}) =>
  Timestamps.map((time, index) => ({ time: time.getTime(), value: Values[index] ?? 0 }));
