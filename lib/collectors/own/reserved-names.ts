import { OTEL } from '../../catalogue/otel/otel.ts';
import { baseLabelsOf, MOID, type PresetName } from '../../catalogue/presets.ts';
import type { OwnMetricConfig } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';
import { LEGACY_METRICS } from '../legacy-names.ts';
import { COLLECTORS } from '../registry.ts';

/** Of vsweep itself, of Prometheus' clients in its process, and of the Pushgateway about each group. */
const PREFIXES = ['vsweep_', 'process_', 'nodejs_', 'push_'];
const OTHERS = ['esxi_ssh_up', 'up'];

/** Every built-in name: a name has one meaning, whatever a configuration chooses. */
const builtIn = new Set(
  [...COLLECTORS.flatMap(({ metrics }) => metrics), ...OTEL, ...LEGACY_METRICS].map(({ name }) => name),
);

/** Why no own metric may have the name; undefined when it may. */
export function whyNoName(
  name: string,
  { type = 'gauge' }: Pick<OwnMetricConfig, 'type'> = {},
): string | undefined {
  if (builtIn.has(name) || OTHERS.includes(name)) return `${name} is a built-in metric; choose another name`;
  const prefix = PREFIXES.find((one) => name.startsWith(one));
  if (prefix !== undefined)
    return `names that begin with ${prefix} are not for own metrics; choose another name`;
  const isTotal = name.endsWith('_total');
  if (isTotal && type === 'gauge')
    return 'a name ends in _total only for a counter that grows; leave _total out, or add type: counter';
  if (!isTotal && type === 'counter')
    return 'the name of a counter ends in _total; add it, or leave type out';
  return undefined;
}

/** Of Prometheus, which makes them itself. */
const RESERVED_LABELS = ['job', 'instance', 'le', 'quantile', MOID];

/** Why a metric may not have the label; undefined when it may. */
export function whyNoLabel(label: string, names: { readonly taken: readonly string[] }): string | undefined {
  if (label.startsWith('__')) return `labels that begin with "__" are Prometheus' own; choose another name`;
  if (RESERVED_LABELS.includes(label))
    return `the label ${label} is set by vsweep or Prometheus; choose another name`;
  if (names.taken.includes(label)) return `each series has the label ${label} already; choose another name`;
  return undefined;
}

/** The labels that name the objects of a kind; undefined for a kind that the preset has no labels for. */
export function labelsOfKind(kind: KindName, preset: PresetName): readonly string[] | undefined {
  try {
    return baseLabelsOf({ kind, preset }).map(([label]) => label);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
