import pLimit from 'p-limit';
import { untilAborted } from '../../platform/until-aborted.ts';

type Collect = (payload: Uint8Array, options: { signal: AbortSignal }) => Promise<Uint8Array>;

/** Batches that the process of a run collects itself, where workers are processes of their own. */
export interface OwnBatches {
  /** Targets are collected here while the hosts of a run are fewer; 0: none are. */
  readonly belowHosts: number;
  /** How many batches run here side by side. */
  readonly atOnce: number;
  /** Whether one more batch may begin at once. */
  hasRoom(): boolean;
  /** The bytes of a request in, those of a result out, as from a worker. Waits for room, and calls `onStart` then. */
  collect(payload: Uint8Array, options: { signal: AbortSignal; onStart: () => void }): Promise<Uint8Array>;
  /** Settles when nothing is under way here, which may be later than a run that gave it up; or when the signal aborts. Never rejects. */
  settled(options: { signal: AbortSignal }): Promise<void>;
}

/** `atOnce` bounds the memory that batches take here together. */
export function createOwnBatches(
  collect: Collect,
  { atOnce, belowHosts }: { atOnce: number; belowHosts: number },
): OwnBatches {
  const limit = pLimit(atOnce);
  const underWay = new Set<Promise<unknown>>();
  return {
    belowHosts,
    atOnce,
    hasRoom: () => limit.activeCount + limit.pendingCount < atOnce,
    async collect(payload, { signal, onStart }) {
      const work = limit(async () => {
        signal.throwIfAborted();
        onStart();
        return await collect(payload, { signal });
      });
      underWay.add(work);
      try {
        return await work;
      } finally {
        underWay.delete(work);
      }
    },
    async settled({ signal }) {
      await untilAborted(Promise.allSettled(underWay), signal).catch(() => undefined);
    },
  };
}

/** The hosts of a run that its own process may still collect, over all its targets. */
export interface OwnHosts {
  /** Whether a target of so many hosts, in so many batches, is collected here, in whole. */
  take(target: { hosts: number; batches: number }): boolean;
}

/**
 * As many as are fewer than `belowHosts`, in no more batches than run side by side: one that waited for another would
 * wait for the slowest vCenter and host of it.
 */
export function createOwnHosts({ belowHosts, atOnce }: Pick<OwnBatches, 'belowHosts' | 'atOnce'>): OwnHosts {
  const taken = { hosts: 0, batches: 0 };
  return {
    take({ hosts, batches }) {
      if (taken.hosts + hosts >= belowHosts || taken.batches + batches > atOnce) return false;
      taken.hosts += hosts;
      taken.batches += batches;
      return true;
    },
  };
}
