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
  for (const definition of definitions) {
    if (groups.has(definition.name)) {
      throw new MetricsError('duplicate-definition', {
        metric: definition.name,
        message: 'it is defined twice; names are unique over all collectors',
      });
    }
    groups.set(definition.name, { definition, samples: [] });
  }
  for (const sample of samples) {
    const group = groups.get(sample.metric);
    if (group === undefined) {
      throw new MetricsError('unknown-metric', {
        metric: sample.metric,
        message: 'no definition has this name; add it to the metrics of the collector that makes it',
      });
    }
    checkSample(group.definition, sample);
    group.samples.push(sample);
  }
  return Array.from(groups.values()).filter((group) => group.samples.length > 0);
}
