import { checkSample } from './check-sample.ts';
import { MetricsError } from './errors.ts';
import type { Family, MetricDefinition, Sample } from './family.ts';

/**
 * Sorts samples into families, in the order of `definitions`; a definition without samples makes no family.
 * Throws MetricsError for a sample that no definition knows or that does not fit its own.
 */
export function groupIntoFamilies(
  definitions: readonly MetricDefinition[],
  samples: Iterable<Sample>,
): Family[] {
  const groups = new Map<string, { definition: MetricDefinition; samples: Sample[] }>();
  for (const [name, definition] of checkDefinedOnce(definitions))
    groups.set(name, { definition, samples: [] });
  for (const sample of samples) {
    const group = groups.get(sample.metric);
    if (group === undefined) throw unknownMetric(sample.metric);
    checkSample(group.definition, sample);
    group.samples.push(sample);
  }
  return Array.from(groups.values()).filter((group) => group.samples.length > 0);
}

/** The definitions by their names. Throws MetricsError for one that is there twice. */
export function checkDefinedOnce(
  definitions: readonly MetricDefinition[],
): ReadonlyMap<string, MetricDefinition> {
  const byName = new Map<string, MetricDefinition>();
  for (const definition of definitions) {
    if (byName.has(definition.name)) {
      throw new MetricsError('duplicate-definition', {
        metric: definition.name,
        message: 'it is defined twice; names are unique over all collectors',
      });
    }
    byName.set(definition.name, definition);
  }
  return byName;
}

export const unknownMetric = (metric: string): MetricsError =>
  new MetricsError('unknown-metric', {
    metric,
    message: 'no definition has this name; add it to the metrics of the collector that makes it',
  });
