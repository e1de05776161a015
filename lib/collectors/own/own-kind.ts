import type { MetricRow } from '../../catalogue/row.ts';
import type { OwnMetricConfig, SweptOwn } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';
import { KINDS } from '../../inventory/kinds.ts';

/** The keys of which a metric has exactly one: where it comes from. */
export const OWN_SOURCES = ['property', 'each', 'counter', 'esxcli', 'ssh'] as const;
export type OwnSource = (typeof OWN_SOURCES)[number];

/** What a metric says where it comes from: one, where it is right. `each: true` is of a command's list. */
export const ownSourcesOf = (metric: OwnMetricConfig): readonly OwnSource[] =>
  OWN_SOURCES.filter((one) => metric[one] !== undefined && metric[one] !== true);

/** Where a metric comes from; undefined where it names no source, or several. */
export function ownSourceOf(metric: OwnMetricConfig): OwnSource | undefined {
  const named = ownSourcesOf(metric);
  return named.length === 1 ? named[0] : undefined;
}

/** A metric of the configuration on its way to a row. */
export interface NamedOwn {
  readonly name: string;
  readonly metric: OwnMetricConfig;
  readonly preset: SweptOwn['preset'];
}

/** A fault of one metric: the field, and what to write instead. */
export interface OwnFault {
  /** `labels.nic`; empty for the metric as a whole. */
  readonly at: string;
  readonly message: string;
}

/** Makes the row of a metric that was checked; undefined for one that cannot be. */
export type CompileOwn = (own: NamedOwn) => MetricRow | undefined;

/** The kind whose objects are of a type; undefined for a type that no listing has. */
export const kindOfType = (type: string): KindName | undefined =>
  KINDS.find(({ types: [own], list }) => own === type && list === undefined)?.name;

/** `VirtualMachine runtime.powerState`: the type, and what is read of it. Both are empty where it is one word, or no text. */
export function splitOwn(written: OwnMetricConfig['each']): { readonly type: string; readonly what: string } {
  const text = String(written).trim();
  const end = text.search(/\s/);
  return end === -1 ? { type: '', what: '' } : { type: text.slice(0, end), what: text.slice(end).trim() };
}
