import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../platform/clock.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import { PollError } from './errors.ts';

/** Each is a login, and a poll of anything else waits beside them for the session. */
const MAX_WAITING = 8;
/** Twice the time between two looks of a run for its lease, so that a run seldom has to put its wait on record. */
const PAUSE_MS = 1_000;

interface AskedTarget {
  readonly limit: LimitFunction;
  /** By the clock's monotonic time. */
  endedAt: number;
}

interface UnderWay<Answer> {
  readonly answer: Promise<Answer>;
  readonly signal: AbortSignal;
}

/** What is asked: equal questions have equal keys. */
interface Question {
  readonly target: string;
  readonly key: string;
}

/** Does work when its turn has come. */
export type HostQueue<Answer> = (
  question: Question,
  work: () => Promise<Answer>,
  options: { signal: AbortSignal },
) => Promise<Answer>;

/**
 * The polls of a process that log in to hosts: one at a time per target, with a pause behind each, and a few that wait.
 * Who asks what is asked already gets the same answer, as clients of vPoller do that ask again after three seconds.
 */
export function createHostQueue<Answer>(clock: Pick<Clock, 'monotonic' | 'sleep'>): HostQueue<Answer> {
  const targets = new Map<string, AskedTarget>();
  const underWay = new Map<string, UnderWay<Answer>>();
  const inTurn = async (
    target: string,
    work: () => Promise<Answer>,
    { signal }: { signal: AbortSignal },
  ): Promise<Answer> => {
    const asked = targets.get(target) ?? { limit: pLimit(1), endedAt: Number.NEGATIVE_INFINITY };
    targets.set(target, asked);
    if (asked.limit.pendingCount >= MAX_WAITING)
      throw new PollError(
        `${target}: ${MAX_WAITING} polls that log in to hosts are waiting; ask again later, or query what the sweep of the metric delivers`,
        { code: 'unavailable' },
      );
    let hasBegun = false;
    const turn = asked.limit(async () => {
      const pauseMs = asked.endedAt + PAUSE_MS - clock.monotonic();
      if (pauseMs > 0) await clock.sleep(pauseMs, { signal });
      signal.throwIfAborted();
      hasBegun = true;
      try {
        return await work();
      } finally {
        asked.endedAt = clock.monotonic();
      }
    });
    return await untilAborted(turn, signal).catch((error: unknown) => {
      // It ends by itself, with what became of its login on record.
      if (hasBegun) return turn;
      throw error;
    });
  };
  return async ({ target, key }, work, options) => {
    const { signal } = options;
    const id = JSON.stringify([target, key]);
    for (let other = underWay.get(id); other !== undefined; other = underWay.get(id)) {
      try {
        return await untilAborted(other.answer, signal);
      } catch (error) {
        signal.throwIfAborted();
        // Whoever began it has given up.
        if (!other.signal.aborted) throw error;
      }
    }
    const answer = inTurn(target, work, options).finally(() => underWay.delete(id));
    underWay.set(id, { answer, signal });
    return await answer;
  };
}
