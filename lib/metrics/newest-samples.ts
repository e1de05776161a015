import type { Family, Sample } from './family.ts';
import { createSeriesNumbers } from './series-numbers.ts';

/** For a sink that takes no times: of each series the newest sample, without its time. */
export const newestSamples = (families: readonly Family[]): readonly Family[] =>
  newestOfEach(families).map(withoutTimes);

/** Of each series the newest sample. */
export const newestOfEach = (families: readonly Family[]): readonly Family[] =>
  families.map((family) => (isTimed(family) ? newestOf(family) : family));

const isTimed = (family: Family): boolean => family.isTimed ?? hasTimes(family);

function withoutTimes(family: Family): Family {
  if (!isTimed(family)) return family;
  const { definition, samples } = family;
  return { definition, samples: Array.from(samples, ({ timeMs: _left, ...sample }) => sample) };
}

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
  return { definition, samples: newest, isTimed: true };
}

/** Without a time it was measured by this run. */
const timeOf = ({ timeMs }: Sample) => timeMs ?? Number.POSITIVE_INFINITY;
