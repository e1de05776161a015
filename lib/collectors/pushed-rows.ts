import { type OtelNames, otelRows } from '../catalogue/otel/otel.ts';
import type { LabelOptions, PresetName } from '../catalogue/presets.ts';
import type { MetricRow } from '../catalogue/row.ts';
import type { Collector } from './collector.ts';

/** Under which names and labels the metrics of a sweep are pushed (`metrics` of the configuration). */
export interface Presets extends LabelOptions {
  readonly preset: readonly Exclude<PresetName, 'esxi_exporter'>[];
  readonly otelNames: OtelNames;
}

export const DEFAULT_PRESETS: Presets = { preset: ['vmware_exporter'], otelNames: 'mixin' };

/**
 * The rows of some collectors under the names of the presets: what is pushed. The names of esxi-exporter belong to no other
 * tool and are always there. A row of another preset is made from what the collectors have: it is there if any of that is.
 */
export function pushedRows(
  collectors: readonly Pick<Collector, 'rows'>[],
  { preset, otelNames }: Presets = DEFAULT_PRESETS,
): readonly MetricRow[] {
  const own = collectors.flatMap(({ rows }) => rows).filter(({ isHidden }) => isHidden !== true);
  const collected = new Set(own);
  const kept = own.filter((row) => row.preset === 'esxi_exporter' || preset.includes(row.preset));
  if (!preset.includes('otel')) return kept;
  const views = otelRows(otelNames).filter(({ source }) => source.of?.some((row) => collected.has(row)));
  return [...kept, ...views];
}
