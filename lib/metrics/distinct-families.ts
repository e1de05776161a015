import { checkSample } from './check-sample.ts';
import { deduplicate } from './deduplicate.ts';
import type { Family, MetricDefinition } from './family.ts';
import { checkDefinedOnce, unknownMetric } from './group-into-families.ts';
import type { SourcedSamples } from './sourced-samples.ts';

/**
 * The families of samples of which no series is left twice, in the order of `definitions`, and how many samples they have
 * and lost. By metric, because two metrics have no series in common: what finds equal ones is small then. Throws
 * MetricsError for a sample that no definition knows or that does not fit its own.
 */
export function distinctFamilies(
  definitions: readonly MetricDefinition[],
  { byMetric }: Pick<SourcedSamples, 'byMetric'>,
): { readonly families: Family[]; readonly samples: number; readonly dropped: number } {
  const known = checkDefinedOnce(definitions);
  for (const [metric, { length }] of byMetric)
    if (length > 0 && !known.has(metric)) throw unknownMetric(metric);
  let dropped = 0;
  const families = definitions.flatMap((definition): Family[] => {
    const rows = byMetric.get(definition.name);
    if (rows === undefined || rows.length === 0) return [];
    let isTimed = rows.isTimed === true;
    const {
      samples,
      sources,
      dropped: lost,
    } = deduplicate(rows, (sample) => {
      checkSample(definition, sample);
      isTimed ||= sample.timeMs !== undefined;
    });
    dropped += lost;
    return [{ definition, samples, isTimed, ...(isTimed ? { sources } : {}) }];
  });
  return { families, samples: families.reduce((sum, { samples }) => sum + samples.length, 0), dropped };
}
