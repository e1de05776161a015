import type { Clock } from '../../platform/clock.ts';
import type { RetrievalSession } from '../property/retrieve-pages.ts';
import { type PerfCounters, readPerfCounters } from './perf-counter.ts';

/** An administrator may install what adds counters; nothing else changes them while a vCenter runs. */
const KEPT_MS = 24 * 3_600_000;

/** The performance counters of targets, each read once a day and again when its vCenter was updated. */
export interface KeptCounters {
  of(target: string, session: RetrievalSession, options: { signal: AbortSignal }): Promise<PerfCounters>;
}

/** In this process: about 0.5 MB a target. Batches that ask for the same at once read it each. */
export function createKeptCounters(clock: Pick<Clock, 'monotonic'>): KeptCounters {
  const kept = new Map<
    string,
    { readonly ofServer: string; readonly at: number; readonly counters: PerfCounters }
  >();
  return {
    async of(target, session, options) {
      const { fields } = session.content.about;
      const ofServer = `${fields.get('instanceUuid')} ${fields.get('build')}`;
      const known = kept.get(target);
      if (known?.ofServer === ofServer && clock.monotonic() < known.at + KEPT_MS) return known.counters;
      const counters = await readPerfCounters(session, options);
      kept.set(target, { ofServer, at: clock.monotonic(), counters });
      return counters;
    },
  };
}
