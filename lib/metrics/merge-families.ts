import { MetricsError } from './errors.ts';
import type { Family, MetricDefinition, Sample } from './family.ts';
import { seriesKey } from './series.ts';

/**
 * Joins the families of several groups into one exposition: a name appears once, and of equal series the one of
 * the earlier group stays. Throws MetricsError when two groups mean different things by one name.
 */
export function mergeFamilies(groups: Iterable<readonly Family[]>): Family[] {
  const merged = new Map<string, { definition: MetricDefinition; series: Map<string, Sample> }>();
  for (const { definition, samples } of Array.from(groups).flat()) {
    let family = merged.get(definition.name);
    if (family === undefined) {
      family = { definition, series: new Map() };
      merged.set(definition.name, family);
    }
    checkSameDefinition(family.definition, definition);
    for (const sample of samples) {
      const key = seriesKey(sample);
      if (!family.series.has(key)) family.series.set(key, sample);
    }
  }
  return Array.from(merged.values(), ({ definition, series }) => ({
    definition,
    samples: Array.from(series.values()),
  }));
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
