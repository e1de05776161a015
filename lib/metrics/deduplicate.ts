import type { Sample } from './family.ts';
import { compareMorefs } from './moref-order.ts';
import { seriesKey } from './series.ts';

/** A sample and the managed object that it came from; `moref` is the id, such as `host-9`, of one vCenter. */
export interface SourcedSample {
  readonly moref: string;
  readonly sample: Sample;
}

export interface Deduplicated {
  readonly samples: Sample[];
  readonly dropped: number;
}

/**
 * Keeps one sample a series: that of the lowest moref, so that every run chooses the same object; of one moref
 * the first. The Pushgateway refuses a whole push for a single duplicate, and a series is a metric with its label
 * values: objects of equal names (two datacenters, two sites without a `vcenter` label) collide.
 */
export function deduplicate(rows: Iterable<SourcedSample>): Deduplicated {
  const kept = new Map<string, SourcedSample>();
  let dropped = 0;
  for (const row of rows) {
    const key = seriesKey(row.sample);
    const earlier = kept.get(key);
    if (earlier !== undefined) dropped += 1;
    if (earlier === undefined || compareMorefs(row.moref, earlier.moref) < 0) kept.set(key, row);
  }
  return { samples: Array.from(kept.values(), ({ sample }) => sample), dropped };
}
