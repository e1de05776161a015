import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { RetrievalSession } from '../property/retrieve-pages.ts';
import { type PerfCounters, readPerfCounters } from './perf-counter.ts';

/** An administrator may install what adds counters; nothing else changes them while a vCenter runs. */
const KEPT_MS = 24 * 3_600_000;
/** A vCenter answers within a second; one that hangs in one session may not in another. */
const PATIENCE_MS = 5_000;

/** The performance counters of targets, each read once a day and again when its vCenter was updated or had none. */
export interface KeptCounters {
  of(target: string, session: RetrievalSession, options: { signal: AbortSignal }): Promise<PerfCounters>;
}

/**
 * In this process: about 0.5 MB a target. Batches that ask for the same at once wait for the one that asked first; where
 * that gets nothing in five seconds, which may be for reasons of its own, each reads for itself.
 */
export function createKeptCounters(clock: Clock): KeptCounters {
  const kept = new Map<
    string,
    { readonly ofServer: string; readonly at: number; readonly counters: PerfCounters }
  >();
  const underWay = new Map<string, Promise<PerfCounters>>();
  return {
    async of(target, session, { signal }) {
      const { fields } = session.content.about;
      const ofServer = `${fields.get('instanceUuid')} ${fields.get('build')}`;
      const find = () => {
        const known = kept.get(target);
        const isFresh = known?.ofServer === ofServer && clock.monotonic() < known.at + KEPT_MS;
        return isFresh ? known.counters : undefined;
      };
      const key = `${target} ${ofServer}`;
      const other = underWay.get(key);
      if (find() === undefined && other !== undefined) await untilSettled(other, { clock, signal });
      const known = find();
      if (known !== undefined) return known;
      const reading = readPerfCounters(session, { signal });
      underWay.set(key, reading);
      try {
        const counters = await reading;
        // A vCenter that is still starting has none, and then has all.
        if (counters.all.length > 0) kept.set(target, { ofServer, at: clock.monotonic(), counters });
        return counters;
      } finally {
        if (underWay.get(key) === reading) underWay.delete(key);
      }
    },
  };
}

/** Waits for a while; rejects with the signal's reason alone. */
async function untilSettled(
  work: Promise<unknown>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  const limit = { clock, ms: PATIENCE_MS, what: 'waiting for the performance counters', signal };
  await withTimeLimit(limit, (limited) => untilAborted(work, limited)).catch(() => undefined);
  signal.throwIfAborted();
}
