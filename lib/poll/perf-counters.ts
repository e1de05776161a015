import { type PerfCounters, readPerfCounters } from '../vsphere/performance/perf-counter.ts';
import type { ServiceContent } from '../vsphere/service-content.ts';
import type { PollSession } from './method.ts';

/** By what belongs to one login, so that they end with it. */
const ofSession = new WeakMap<ServiceContent, PerfCounters>();

/** The counters of a vCenter or ESXi, about 1 MB: read once a session, however many polls it answers. */
export async function perfCountersOf(
  session: PollSession,
  { signal }: { signal: AbortSignal },
): Promise<PerfCounters> {
  const known = ofSession.get(session.content) ?? (await readPerfCounters(session, { signal }));
  ofSession.set(session.content, known);
  return known;
}
