import type { Sample } from './family.ts';
import { compareMorefs } from './moref-order.ts';
import { createSeriesNumbers } from './series-numbers.ts';

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
 * Keeps each series of one object: that of the lowest moref, so that every run chooses the same one; of its samples
 * the first of each time. The Pushgateway refuses a whole push for a single duplicate, and a series is a metric with
 * its label values: objects of equal names (two datacenters, two sites without a `vcenter` label) collide.
 */
export function deduplicate(rows: readonly SourcedSample[]): Deduplicated {
  const series = createSeriesNumbers(rows.length);
  const numbers = rows.map(({ sample }) => series.numberOf(sample));
  // Numbers follow each other as series first come: no series is there twice, as in nearly every run.
  if (numbers.at(-1) === rows.length - 1) return { samples: rows.map(({ sample }) => sample), dropped: 0 };
  const owners: string[] = [];
  rows.forEach(({ moref }, row) => {
    const number = numbers[row] as number;
    const owner = owners[number];
    if (owner === undefined || (owner !== moref && compareMorefs(moref, owner) < 0)) owners[number] = moref;
  });
  const isTaken = rememberTimes();
  const samples: Sample[] = [];
  rows.forEach(({ moref, sample }, row) => {
    const number = numbers[row] as number;
    if (moref === owners[number] && !isTaken(number, sample.timeMs)) samples.push(sample);
  });
  return { samples, dropped: rows.length - samples.length };
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
