import type { Family } from '../../metrics/family.ts';
import { picked } from '../../metrics/list.ts';
import type { FillStep } from '../../state/stores/fills.ts';

/** How many samples an object has of each time, by time. */
export type ItemTimes = ReadonlyMap<number, number>;

/** The samples of a run that have times of their own, by the objects that they are of. */
export interface TimedSamples {
  /** The families without them. */
  readonly plain: readonly Family[];
  /** Metrics of which a sink that takes times gets the others. */
  readonly metrics: ReadonlySet<string>;
  readonly items: ReadonlyMap<string, ItemTimes>;
  /** Those of some objects, each after `from` and up to `to`. */
  of(steps: readonly FillStep[]): readonly Family[];
}

interface Indexed {
  readonly family: Family;
  /** Of each sample; 0 for one without. */
  readonly times: Float64Array;
  /** By object where its samples begin and end, in pairs: those of one stand together but for few exceptions. */
  readonly runs: ReadonlyMap<string, readonly number[]>;
}

/** Goes through all families with times once; what is asked for afterwards is found without that. */
export function indexTimes(families: readonly Family[]): TimedSamples {
  const items = new Map<string, Map<number, number>>();
  const plain: Family[] = [];
  const indexed: Indexed[] = [];
  for (const family of families) {
    if (family.sources === undefined) {
      plain.push(family);
      continue;
    }
    const one = indexFamily(family, family.sources, items);
    indexed.push(one);
    const without = indexesWhere(one.times, (time) => time === 0);
    if (without.length > 0) plain.push(part(family, without));
  }
  return {
    plain,
    metrics: new Set(indexed.map(({ family }) => family.definition.name)),
    items,
    of: (steps) =>
      indexed.flatMap((one) => {
        const indexes = steps.flatMap((step) => indexesIn(one, step));
        return indexes.length === 0 ? [] : [{ ...part(one.family, indexes), isTimed: true }];
      }),
  };
}

const part = ({ definition, samples }: Family, indexes: readonly number[]): Family => ({
  definition,
  samples: picked(samples, indexes),
});

function indexFamily(
  family: Family,
  sources: NonNullable<Family['sources']>,
  items: Map<string, Map<number, number>>,
): Indexed {
  const times = new Float64Array(family.samples.length);
  const runs = new Map<string, number[]>();
  let index = 0;
  let last: { moref: string; ofItem: number[]; counts: Map<number, number> } | undefined;
  for (const { timeMs = 0 } of family.samples) {
    const moref = sources.at(index) as string;
    times[index] = timeMs;
    if (last?.moref !== moref) {
      const ofItem = runs.get(moref) ?? [];
      const counts = items.get(moref) ?? new Map<number, number>();
      runs.set(moref, ofItem);
      if (counts.size === 0) items.set(moref, counts);
      ofItem.push(index, index);
      last = { moref, ofItem, counts };
    }
    index += 1;
    last.ofItem[last.ofItem.length - 1] = index;
    if (timeMs !== 0) last.counts.set(timeMs, (last.counts.get(timeMs) ?? 0) + 1);
  }
  return { family, times, runs };
}

function indexesIn({ times, runs }: Indexed, { moref, from, to }: FillStep): number[] {
  const ofItem = runs.get(moref) ?? [];
  const found: number[] = [];
  for (let run = 0; run < ofItem.length; run += 2)
    for (let index = ofItem[run] as number; index < (ofItem[run + 1] as number); index += 1) {
      const time = times[index] as number;
      if (time > from && time <= to) found.push(index);
    }
  return found;
}

function indexesWhere(times: Float64Array, isWanted: (time: number) => boolean): number[] {
  const found: number[] = [];
  for (const [index, time] of times.entries()) if (isWanted(time)) found.push(index);
  return found;
}
