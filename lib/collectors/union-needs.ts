import type { Collector } from './collector.ts';

/** What has to be retrieved of one host so that all `collectors` can be called: each path and probe once. */
export function unionNeeds(collectors: readonly Collector[]): Collector['needs'] {
  const union = <T>(lists: readonly (readonly T[])[]) => Array.from(new Set(lists.flat()));
  return {
    properties: union(collectors.map(({ needs }) => needs.properties)).sort(),
    probes: union(collectors.map(({ needs }) => needs.probes)),
  };
}
