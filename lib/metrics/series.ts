import type { Sample } from './family.ts';

/** A text that two samples share exactly when they are the same series: one metric and equal label values. */
export function seriesKey(sample: Sample): string {
  return JSON.stringify([sample.metric, ...sample.labels]);
}
