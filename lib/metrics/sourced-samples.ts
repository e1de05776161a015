import type { Sample } from './family.ts';
import { joined, type List } from './list.ts';

/** A sample and the managed object that it came from; `moref` is the id, such as `host-9`, of one vCenter. */
export interface SourcedSample {
  readonly moref: string;
  readonly sample: Sample;
}

/** Samples of any metrics, and those of each. */
export interface SourcedSamples extends List<SourcedSample> {
  readonly byMetric: ReadonlyMap<string, List<SourcedSample>>;
}

/** Of lists that are each of one metric, which several may have. */
export function ofMetrics(
  lists: readonly (readonly [metric: string, samples: List<SourcedSample>])[],
): SourcedSamples {
  const groups = Map.groupBy(lists, ([metric]) => metric);
  const byMetric = new Map(
    Array.from(groups, ([metric, ofMetric]) => [metric, joined(ofMetric.map(([, samples]) => samples))]),
  );
  const all = joined([...byMetric.values()]);
  return {
    length: all.length,
    at: (index) => all.at(index),
    [Symbol.iterator]: () => all[Symbol.iterator](),
    byMetric,
  };
}

/** Samples that are there already. */
export const toLists = (samples: readonly SourcedSample[]): [metric: string, samples: SourcedSample[]][] => [
  ...Map.groupBy(samples, ({ sample }) => sample.metric),
];
