import type { Collector, HostSubject } from '../../../lib/collectors/collector.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { encodeExposition } from '../../../lib/metrics/encode-exposition.ts';
import { groupIntoFamilies } from '../../../lib/metrics/group-into-families.ts';
import { systemClock } from '../../../lib/platform/clock.ts';

/** The exposition of what a collector makes of hosts, as a worker would run it: it is not called without its needs. */
export async function printCollected(
  collector: Collector,
  subjects: readonly HostSubject[],
): Promise<string> {
  const run = createCollectorRun([collector], systemClock);
  const samples = subjects.flatMap(({ labels, ...parts }) => run.host(labels).offer(parts));
  return await encodeExposition(groupIntoFamilies(collector.metrics, samples));
}
