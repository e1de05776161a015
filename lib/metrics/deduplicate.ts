import type { Sample } from './family.ts';
import { type List, mapped, picked } from './list.ts';
import { compareMorefs } from './moref-order.ts';
import { createSeriesNumbers } from './series-numbers.ts';
import type { MetricSamples, SourcedSample } from './sourced-samples.ts';

export interface Deduplicated {
  readonly samples: List<Sample>;
  /** The object of each of them. */
  readonly sources: List<string>;
  readonly dropped: number;
}

/**
 * Keeps each series of one object: that of the lowest moref, so that every run chooses the same one; of its samples
 * the first of each time. The Pushgateway refuses a whole push for a single duplicate, and a series is a metric with
 * its label values: objects of equal names (two datacenters, two sites without a `vcenter` label) collide. Each sample is
 * given to `check` once, because to go through a list may be to make its samples anew; of a list that is known to be
 * distinct, the first one only.
 */
export function deduplicate(
  rows: MetricSamples,
  check: (sample: Sample) => void = () => undefined,
): Deduplicated {
  const toSamples = (kept: List<SourcedSample>, dropped = 0): Deduplicated => ({
    samples: mapped(kept, ({ sample }) => sample),
    sources: mapped(kept, ({ moref }) => moref),
    dropped,
  });
  const first = rows.at(0);
  if (rows.areDistinct === true && first !== undefined) {
    check(first.sample);
    return toSamples(rows);
  }
  const numbers = numberSeries(rows, check);
  // Numbers follow each other as series first come: no series is there twice, as in nearly every run.
  if (numbers.at(-1) === rows.length - 1) return toSamples(rows);
  const owners: string[] = [];
  let row = 0;
  for (const { moref } of rows) {
    const number = numbers[row] as number;
    const owner = owners[number];
    if (owner === undefined || (owner !== moref && compareMorefs(moref, owner) < 0)) owners[number] = moref;
    row += 1;
  }
  const isTaken = rememberTimes();
  const kept: number[] = [];
  row = 0;
  for (const { moref, sample } of rows) {
    const number = numbers[row] as number;
    if (moref === owners[number] && !isTaken(number, sample.timeMs)) kept.push(row);
    row += 1;
  }
  return toSamples(picked(rows, kept), rows.length - kept.length);
}

/** Of each sample the number of its series. */
function numberSeries(rows: List<SourcedSample>, check: (sample: Sample) => void): Uint32Array {
  const series = createSeriesNumbers(rows.length);
  const numbers = new Uint32Array(rows.length);
  let row = 0;
  for (const { sample } of rows) {
    check(sample);
    numbers[row] = series.numberOf(sample);
    row += 1;
  }
  return numbers;
}

/** Whether a series had a sample of that time before. */
function rememberTimes(): (series: number, timeMs: number | undefined) => boolean {
  const withoutTime: boolean[] = [];
  const times = new Set<string>();
  return (series, timeMs) => {
    if (timeMs === undefined) {
      const isTaken = withoutTime[series] === true;
      withoutTime[series] = true;
      return isTaken;
    }
    const key = `${series} ${timeMs}`;
    const isTaken = times.has(key);
    times.add(key);
    return isTaken;
  };
}
