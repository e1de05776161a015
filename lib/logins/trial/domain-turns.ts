import type { LimitFunction } from 'p-limit';
import type { Clock } from '../../platform/clock.ts';
import { takePlace } from '../../platform/take-place.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { CHANGED, type LeftAlone, UNSETTLED } from '../rules/left-alone.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A host's turn to be logged in to. */
export interface DomainTurn {
  /**
   * The password goes out when this resolves, and the host counts as under way until `end`. Waits if it was connected to
   * for so long that another has its place, and then goes before all that wait in `take`; rejects with the signal's
   * reason. Abort it when the connection ends. Look at `stop` then.
   */
  beforePassword(options: Options): Promise<void>;
  /** The login has ended, or is not made. */
  end(): void;
}

/** In which order the hosts of a batch are logged in to with the one account of a domain. */
export interface DomainTurns {
  /** Waits until the host may be logged in to; rejects with the signal's reason. Look at `stop` then: it may have changed. */
  take(options: Options): Promise<DomainTurn>;
  /** Why no further host is logged in to. */
  stop(): LeftAlone | undefined;
  /** How a login ended, before it is recorded, or why it was not made. */
  tell(end: 'accepted' | 'refused' | LeftAlone): void;
}

export interface KnownTurns extends DomainTurns {
  /** A batch takes part. Call what it answers when it has ended. */
  join(): () => void;
}

/** So many refusals with no acceptance between them tell of the password, and not of the hosts. */
const MAX_IN_A_ROW = 3;
/** How many logins are under way at first, and at most per batch: all are refused if the password changes meanwhile. */
const FIRST = 2;
const AT_ONCE = 16;
/** A host that is connected and was sent no password keeps its place no longer. */
const HOLD_MS = 3_000;

/**
 * Hosts that accepted the account before. Two others have accepted it in this run, so they are logged in to side by side,
 * and none of them has an attempt on record. If the password is changed in the directory meanwhile, each login under way
 * is a refusal there. So each acceptance permits one more login at once, up to a limit, and three refusals in a row end it.
 */
export function createKnownTurns(clock: Clock): KnownTurns {
  let size = FIRST;
  let batches = 0;
  let underWay = 0;
  /** Hosts that lost their place and wait for it again. Their login time runs, so they go first. */
  let again = 0;
  let refusedInARow = 0;
  let changed = Promise.withResolvers<void>();
  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const isOver = () => refusedInARow >= MAX_IN_A_ROW;
  const most = () => AT_ONCE * Math.max(1, batches);
  // Who is under way may still be accepted, and then it goes on.
  const isFull = () => underWay >= (isOver() ? 1 : Math.min(size, most()));
  return {
    join() {
      batches += 1;
      return () => {
        batches -= 1;
      };
    },
    async take({ signal }) {
      let hasPlace = false;
      let hasEnded = false;
      const free = () => {
        if (!hasPlace) return;
        hasPlace = false;
        underWay -= 1;
        wake();
      };
      const occupy = () => {
        underWay += 1;
        hasPlace = true;
        if (hasEnded) free();
      };
      while (isFull() || again > 0) await untilAborted(changed.promise, signal);
      occupy();
      const connecting = new AbortController();
      clock.sleep(HOLD_MS, { signal: connecting.signal }).then(
        // Its time may have been over just before the password was to go out.
        () => connecting.signal.aborted || free(),
        () => undefined,
      );
      return {
        async beforePassword(options) {
          connecting.abort();
          if (hasPlace) return;
          again += 1;
          try {
            while (isFull()) await untilAborted(changed.promise, options.signal);
            occupy();
          } finally {
            again -= 1;
            wake();
          }
        },
        end() {
          hasEnded = true;
          connecting.abort();
          free();
        },
      };
    },
    stop: () => (isOver() ? CHANGED : undefined),
    tell(end) {
      if (end === 'accepted') {
        refusedInARow = 0;
        size = Math.min(size + 1, most());
      } else if (end === 'refused') {
        refusedInARow += 1;
      }
      wake();
    },
  };
}

/** Joins the turns that all batches of a run have in common in this process. Call what it answers when the batch has ended. */
export type JoinKnownTurns = (run: { runId: string; endsAt: number }) => {
  readonly turns: DomainTurns;
  readonly leave: () => void;
};

/** The turns of each run, until the time of its workers is over; `endsAt` in milliseconds since the epoch. */
export function createTurnsOfRuns(clock: Clock): JoinKnownTurns {
  const runs = new Map<string, { readonly turns: KnownTurns; readonly endsAt: number }>();
  return ({ runId, endsAt }) => {
    for (const [id, one] of runs) if (id !== runId && one.endsAt < clock.now()) runs.delete(id);
    const known = runs.get(runId);
    const turns = known?.turns ?? createKnownTurns(clock);
    runs.set(runId, { turns, endsAt: Math.max(endsAt, known?.endsAt ?? 0) });
    return { turns, leave: turns.join() };
  };
}

/**
 * All other hosts: one login at a time, over all batches of this process. Each has an attempt on record, and what one finds
 * there holds for all of them. Hosts are connected to side by side, so one that is down keeps no other from its turn.
 */
export function createSingleTurns(oneByOne: LimitFunction): DomainTurns {
  let isUnsettled = false;
  return {
    async take(options) {
      const end = await takePlace(oneByOne, options);
      return { beforePassword: async () => undefined, end };
    },
    stop: () => (isUnsettled ? UNSETTLED : undefined),
    tell: (end) => {
      isUnsettled ||= end === UNSETTLED;
    },
  };
}
