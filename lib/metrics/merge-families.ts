import { MetricsError } from './errors.ts';
import type { Family, MetricDefinition, Sample } from './family.ts';
import { joined, type List, picked } from './list.ts';
import { createSeriesNumbers } from './series-numbers.ts';

/**
 * Joins the families of several groups into one exposition: a name appears once, and of equal series the one of
 * the earlier group stays. Throws MetricsError when two groups mean different things by one name.
 */
export function mergeFamilies(groups: Iterable<readonly Family[]>): Family[] {
  const merged = new Map<
    string,
    { readonly definition: MetricDefinition; readonly ofGroups: List<Sample>[] }
  >();
  for (const families of groups) {
    for (const { definition, samples } of families) {
      const family = merged.get(definition.name) ?? { definition, ofGroups: [] };
      merged.set(definition.name, family);
      checkSameDefinition(family.definition, definition);
      family.ofGroups.push(samples);
    }
  }
  return Array.from(merged.values(), ({ definition, ofGroups }) => ({
    definition,
    samples: distinct(ofGroups),
  }));
}

/** A group has no series twice but at different times, so only one that an earlier group has is left out. */
function distinct(ofGroups: readonly List<Sample>[]): List<Sample> {
  const all = joined(ofGroups);
  if (ofGroups.length === 1) return all;
  const series = createSeriesNumbers(all.length);
  /** Of each series the group that has it. */
  const owners: number[] = [];
  const kept: number[] = [];
  let index = 0;
  for (const [group, samples] of ofGroups.entries()) {
    for (const sample of samples) {
      const number = series.numberOf(sample);
      owners[number] ??= group;
      if (owners[number] === group) kept.push(index);
      index += 1;
    }
  }
  return picked(all, kept);
}

/** Throws MetricsError unless both say the same: name, help and labels. */
export function checkSameDefinition(known: MetricDefinition, other: MetricDefinition): void {
  if (JSON.stringify(printable(known)) === JSON.stringify(printable(other))) return;
  throw new MetricsError('conflicting-definition', {
    metric: other.name,
    message: 'two groups define it with different help or labels; one exposition can hold one definition',
  });
}

const printable = ({ name, help, labels }: MetricDefinition) => [name, help, labels];
