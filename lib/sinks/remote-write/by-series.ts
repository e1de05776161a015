import type { Family, Sample } from '../../metrics/family.ts';
import { hasTimes } from '../../metrics/newest-samples.ts';
import { createSeriesNumbers } from '../../metrics/series-numbers.ts';
import type { Point } from './write-request.ts';

export interface SeriesPoints {
  /** As the family's samples have them. */
  readonly labels: readonly string[];
  readonly points: readonly Point[];
}

/**
 * The series of a family with their points, each in one place, in the order of their times; of two points of one time the
 * first. A series with more than `maxSamples` comes in several pieces, one behind the other. Without times every sample is
 * a series, and none is kept.
 */
export function* bySeries(
  family: Family,
  { timeMs, maxSamples }: { readonly timeMs: number; readonly maxSamples: number },
): Generator<SeriesPoints, void, undefined> {
  const { samples } = family;
  if (!(family.isTimed ?? hasTimes(family))) {
    for (const { labels, value } of samples) yield { labels, points: [{ value, timeMs }] };
    return;
  }
  for (const indexes of indexesBySeries(family)) {
    const own = indexes.map((index) => samples.at(index) as Sample);
    const points = inOrder(own.map(({ value, timeMs: time = timeMs }) => ({ value, timeMs: time })));
    const labels = (own[0] as Sample).labels;
    for (let start = 0; start < points.length; start += maxSamples)
      yield { labels, points: points.slice(start, start + maxSamples) };
  }
}

/** Where in the family the samples of each series are. */
function indexesBySeries({ samples }: Family): number[][] {
  const numbers = createSeriesNumbers(samples.length);
  const found: number[][] = [];
  let index = 0;
  for (const sample of samples) {
    const number = numbers.numberOf(sample);
    const known = found[number];
    if (known === undefined) found[number] = [index];
    else known.push(index);
    index += 1;
  }
  return found;
}

function inOrder(points: Point[]): Point[] {
  const sorted = points.sort((left, right) => left.timeMs - right.timeMs);
  return sorted.filter((point, index) => point.timeMs !== sorted[index - 1]?.timeMs);
}
