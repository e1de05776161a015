/** What a batch does: it asks hosts, or reads a vCenter. */
type Does = 'ask' | 'read';

/** Does work when its turn has come. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

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
 * ask go first: their hosts wait for each other in waves, and reading does not. Where there is a single place, reading
 * has one of its own. `mostAsking`: of those that ask, where memory has room for fewer.
 */
export function placesOf(maxBatches: number, mostAsking: number = maxBatches): Places {
  const inAll = placesInAll(maxBatches);
  const kept = Math.ceil(maxBatches * SHARE);
  const most = { ask: Math.max(1, Math.min(maxBatches, mostAsking)), read: Math.max(1, maxBatches - kept) };
  const underWay = { ask: 0, read: 0 };
  const waiting: { readonly [One in Does]: (() => void)[] } = { ask: [], read: [] };
  const mayBegin = (does: Does) => waiting[does].length > 0 && underWay[does] < most[does];
  const next = (): Does | undefined => {
    if (underWay.ask + underWay.read >= inAll) return undefined;
    if (mayBegin('read') && underWay.read < kept) return 'read';
    return (['ask', 'read'] as const).find(mayBegin);
  };
  const fill = () => {
    for (let does = next(); does !== undefined; does = next()) {
      underWay[does] += 1;
      waiting[does].shift()?.();
    }
  };
  const turnOf =
    (does: Does): Turn =>
    async (work) => {
      const turn = Promise.withResolvers<void>();
      waiting[does].push(turn.resolve);
      fill();
      await turn.promise;
      try {
        return await work();
      } finally {
        underWay[does] -= 1;
        fill();
      }
    };
  return {
    batches: turnOf('ask'),
    reads: turnOf('read'),
    maxReadsOfTarget: Math.max(1, Math.floor(most.read / 4)),
  };
}

/** Batches that may be under way at once: each needs a connection of its own, or one waits behind another's. */
export const placesInAll = (maxBatches: number): number => Math.max(2, maxBatches);
