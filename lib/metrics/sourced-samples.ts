import type { Sample } from './family.ts';
import { joined, type List } from './list.ts';

/** A sample and the managed object that it came from; `moref` is the id, such as `host-9`, of one vCenter. */
export interface SourcedSample {
  readonly moref: string;
  readonly sample: Sample;
}

/** Samples of one metric. */
export interface MetricSamples extends List<SourcedSample> {
  /**
   * Whoever made the list knows that no two of its samples are of one series and time, that each has a finite value and,
   * where `isTimed` says that some have one, a time in whole milliseconds, and that all have as many labels as the first:
   * nobody need look at each of them.
   */
  readonly areDistinct?: true;
  readonly isTimed?: true;
}

/** Samples of any metrics, and those of each. */
export interface SourcedSamples extends List<SourcedSample> {
  readonly byMetric: ReadonlyMap<string, MetricSamples>;
}

/** Of lists that are each of one metric, which several may have; a list that is alone stays as it is. */
export function ofMetrics(
  lists: readonly (readonly [metric: string, samples: MetricSamples])[],
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
