/** Does work when its turn has come. `target`: whose work it is; targets take turns. */
export type Turn = <T>(work: () => Promise<T>, target: string) => Promise<T>;

/** The places of batches over all targets of a process. */
export interface Places {
  /** Of a batch that asks hosts. */
  readonly batches: Turn;
  /** Of a batch that reads. */
  readonly reads: Turn;
  /** Of those that read, by one target at once: a quarter, so that two vCenters that hang leave the others half. */
  readonly maxReadsOfTarget: number;
}

/** The share of places that is kept for either, while somebody of it waits. */
const SHARE = 1 / 4;

/**
 * Places for `maxBatches` batches at once. A quarter is kept from those that read, so that vCenters that hang keep no host
 * from being asked; and while fewer than a quarter of the places read, who waits to read is the next. Otherwise those that
 * ask go first: their hosts wait for each other in waves, and reading does not. In both, the target that has the fewest
 * places is the next. A quarter of the places to read goes only to targets that have none, so that vCenters that hang, and
 * came first, leave the others some: until there are as many of them as places. Where there is a single place, reading has
 * one of its own. `mostAsking`: of those that ask, where memory has room for fewer.
 */
export function placesOf(maxBatches: number, mostAsking: number = maxBatches): Places {
  const inAll = placesInAll(maxBatches);
  const kept = Math.ceil(maxBatches * SHARE);
  const mostReading = Math.max(1, maxBatches - kept);
  const ask = createRow({ most: Math.max(1, Math.min(maxBatches, mostAsking)) });
  const read = createRow({ most: mostReading, keptForFirst: Math.ceil(mostReading * SHARE) });
  const next = (): Waiting | undefined => {
    if (ask.held() + read.held() >= inAll) return undefined;
    if (read.held() < kept) return read.next() ?? ask.next();
    return ask.next() ?? read.next();
  };
  const fill = () => {
    for (let first = next(); first !== undefined; first = next()) first.begin();
  };
  const turnOf =
    ({ wait }: Row): Turn =>
    async (work, target) => {
      const { begun, end } = wait(target);
      fill();
      await begun;
      try {
        return await work();
      } finally {
        end();
        fill();
      }
    };
  return {
    batches: turnOf(ask),
    reads: turnOf(read),
    maxReadsOfTarget: Math.max(1, Math.floor(mostReading / 4)),
  };
}

/** Batches that may be under way at once: each needs a connection of its own, or one waits behind another's. */
export const placesInAll = (maxBatches: number): number => Math.max(2, maxBatches);

interface Waiting {
  readonly count: number;
  /** Takes a place. */
  begin(): void;
}

/** Who waits to do one sort of work, and who does it. */
interface Row {
  /** Places that are taken. */
  held(): number;
  /** Who may take a place now: of the target with the fewest, who waits the longest. */
  next(): Waiting | undefined;
  /** Until `begun`; `end` gives the place back. */
  wait(target: string): { readonly begun: Promise<void>; readonly end: () => void };
}

interface OfTarget {
  held: number;
  readonly waiting: Waiting[];
}

const isFairer = (one: OfTarget, other: OfTarget): boolean =>
  one.held === other.held
    ? (one.waiting[0]?.count ?? 0) < (other.waiting[0]?.count ?? 0)
    : one.held < other.held;

/** `keptForFirst`: of its places, those that only a target without one may take. */
function createRow({ most, keptForFirst = 0 }: { most: number; keptForFirst?: number }): Row {
  const ofTarget = new Map<string, OfTarget>();
  let held = 0;
  let count = 0;
  return {
    held: () => held,
    next: () => {
      if (held >= most) return undefined;
      const isLeft = held < most - keptForFirst;
      let fairest: OfTarget | undefined;
      for (const one of ofTarget.values()) {
        if (one.waiting.length === 0 || (one.held > 0 && !isLeft)) continue;
        if (fairest === undefined || isFairer(one, fairest)) fairest = one;
      }
      return fairest?.waiting[0];
    },
    wait: (target) => {
      const own = ofTarget.get(target) ?? { held: 0, waiting: [] };
      ofTarget.set(target, own);
      const turn = Promise.withResolvers<void>();
      const begin = () => {
        own.waiting.shift();
        own.held += 1;
        held += 1;
        turn.resolve();
      };
      own.waiting.push({ count: count++, begin });
      const end = () => {
        own.held -= 1;
        held -= 1;
        if (own.held === 0 && own.waiting.length === 0) ofTarget.delete(target);
      };
      return { begun: turn.promise, end };
    },
  };
}
