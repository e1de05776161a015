import type { Family, Sample } from './family.ts';
import { createSeriesNumbers } from './series-numbers.ts';

/** For a sink that takes no times: of each series the newest sample, without its time. */
export const newestSamples = (families: readonly Family[]): readonly Family[] =>
  families.map((family) => ((family.isTimed ?? hasTimes(family)) ? newestOf(family) : family));

/** Whether any sample has a time of its own. */
export function hasTimes({ samples }: Family): boolean {
  for (const { timeMs } of samples) if (timeMs !== undefined) return true;
  return false;
}

function newestOf({ definition, samples }: Family): Family {
  const series = createSeriesNumbers(samples.length);
  const newest: Sample[] = [];
  for (const sample of samples) {
    const number = series.numberOf(sample);
    const known = newest[number];
    if (known === undefined || timeOf(sample) > timeOf(known)) newest[number] = sample;
  }
  return { definition, samples: newest.map(({ timeMs: _left, ...sample }) => sample) };
}

/** Without a time it was measured by this run. */
const timeOf = ({ timeMs }: Sample) => timeMs ?? Number.POSITIVE_INFINITY;
