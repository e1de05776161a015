import { MetricsError } from './errors.ts';
import type { Family, MetricDefinition, Sample } from './family.ts';
import { createSeriesNumbers } from './series-numbers.ts';

/**
 * Joins the families of several groups into one exposition: a name appears once, and of equal series the one of
 * the earlier group stays. Throws MetricsError when two groups mean different things by one name.
 */
export function mergeFamilies(groups: Iterable<readonly Family[]>): Family[] {
  const merged = new Map<string, { definition: MetricDefinition; samples: Sample[] }>();
  const all = Array.from(groups);
  const series = createSeriesNumbers(all.flat().reduce((sum, { samples }) => sum + samples.length, 0));
  /** Of each series the group that has it. */
  const owners: number[] = [];
  for (const [group, families] of all.entries()) {
    for (const { definition, samples } of families) {
      const family = merged.get(definition.name) ?? { definition, samples: [] };
      merged.set(definition.name, family);
      checkSameDefinition(family.definition, definition);
      for (const sample of samples) {
        const number = series.numberOf(sample);
        owners[number] ??= group;
        if (owners[number] === group) family.samples.push(sample);
      }
    }
  }
  return Array.from(merged.values());
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
