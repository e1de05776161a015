import type { LimitFunction } from 'p-limit';
import type { Clock } from '../../platform/clock.ts';
import { takePlace } from '../../platform/take-place.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { CHANGED, type LeftAlone, UNSETTLED } from '../rules/left-alone.ts';
import type { HostLoginEnd } from './host-account.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** In which order the hosts of a batch are logged in to with the one account of a domain. */
export interface DomainTurns {
  /**
   * Waits until the host may be logged in to; rejects with the signal's reason. Call what it answers when the login has
   * ended. Look at `stop` then: it may have changed meanwhile.
   */
  take(options: Options): Promise<() => void>;
  /** Why no further host of the batch is logged in to. */
  stop(): LeftAlone | undefined;
  /** How a login ended, or why it was not made. */
  tell(end: HostLoginEnd | LeftAlone): void;
}

/** So many refusals with no acceptance between them tell of the password, and not of the hosts. */
const MAX_IN_A_ROW = 3;
/** How many logins are under way at first, and at most: all of them are refused if the password changes meanwhile. */
const FIRST = 2;
const AT_ONCE = 16;
/** A host that does not answer keeps its place no longer. A refusal takes 2 s where PAM delays it. */
const HOLD_MS = 3_000;

/**
 * Hosts that accepted the account before. Two others have accepted it in this run, so they are logged in to side by side,
 * and none of them has an attempt on record. If the password is changed in the directory meanwhile, each login under way
 * is a refusal there. So each acceptance permits one more login at once, up to a limit, and three refusals in a row end it.
 */
export function createKnownTurns(clock: Clock): DomainTurns {
  let size = FIRST;
  let underWay = 0;
  let refusedInARow = 0;
  let changed = Promise.withResolvers<void>();
  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const isOver = () => refusedInARow >= MAX_IN_A_ROW;
  return {
    async take({ signal }) {
      // Who is under way may still be accepted, and then it goes on.
      while (underWay >= (isOver() ? 1 : size)) await untilAborted(changed.promise, signal);
      underWay += 1;
      const held = new AbortController();
      held.signal.addEventListener(
        'abort',
        () => {
          underWay -= 1;
          wake();
        },
        { once: true },
      );
      const giveBack = () => held.abort();
      clock.sleep(HOLD_MS, { signal: held.signal }).then(giveBack, () => undefined);
      return giveBack;
    },
    stop: () => (isOver() ? CHANGED : undefined),
    tell(end) {
      if (end === 'accepted') {
        refusedInARow = 0;
        size = Math.min(size + 1, AT_ONCE);
      } else if (end === 'refused' || end === 'unrecorded') {
        refusedInARow += 1;
      }
      wake();
    },
  };
}

/**
 * All other hosts: one login at a time, over all batches of this process. Each has an attempt on record, and what one finds
 * there holds for all of them. Hosts are connected to side by side, so one that is down keeps no other from its turn.
 */
export function createSingleTurns(oneByOne: LimitFunction): DomainTurns {
  let isUnsettled = false;
  return {
    take: (options) => takePlace(oneByOne, options),
    stop: () => (isUnsettled ? UNSETTLED : undefined),
    tell: (end) => {
      isUnsettled ||= end === UNSETTLED;
    },
  };
}
