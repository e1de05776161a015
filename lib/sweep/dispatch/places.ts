/** Does work when its turn has come. `target`: whose work it is; targets take turns. */
export type Turn = <T>(work: () => Promise<T>, target?: string) => Promise<T>;

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
 * ask go first: their hosts wait for each other in waves, and reading does not. Among either, the target with the fewest
 * places is the next. Of those that read, what a target has beyond its first place is at most half of the places, so that
 * vCenters that hang, and came first, leave the others some. Where there is a single place, reading has one of its own.
 * `mostAsking`: of those that ask, where memory has room for fewer.
 */
export function placesOf(maxBatches: number, mostAsking: number = maxBatches): Places {
  const inAll = placesInAll(maxBatches);
  const kept = Math.ceil(maxBatches * SHARE);
  const mostReading = Math.max(1, maxBatches - kept);
  const ask = createRow({ most: Math.max(1, Math.min(maxBatches, mostAsking)) });
  const read = createRow({ most: mostReading, mostBeyondFirst: Math.floor(mostReading / 2) });
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
    async (work, target = '') => {
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
  readonly target: string;
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

function createRow({ most, mostBeyondFirst = most }: { most: number; mostBeyondFirst?: number }): Row {
  const waiting = new Set<Waiting>();
  const heldBy = new Map<string, number>();
  const heldByOne = ({ target }: { target: string }) => heldBy.get(target) ?? 0;
  const held = () => heldBy.values().reduce((sum, one) => sum + one, 0);
  const add = (target: string, places: number) => {
    const now = heldByOne({ target }) + places;
    if (now === 0) heldBy.delete(target);
    else heldBy.set(target, now);
  };
  return {
    held,
    next: () => {
      if (held() >= most) return undefined;
      const [first] = [...waiting].sort((one, other) => heldByOne(one) - heldByOne(other));
      if (first === undefined || heldByOne(first) === 0) return first;
      return held() - heldBy.size < mostBeyondFirst ? first : undefined;
    },
    wait: (target) => {
      const turn = Promise.withResolvers<void>();
      const self: Waiting = {
        target,
        begin: () => {
          waiting.delete(self);
          add(target, 1);
          turn.resolve();
        },
      };
      waiting.add(self);
      return { begun: turn.promise, end: () => add(target, -1) };
    },
  };
}
