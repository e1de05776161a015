import type { MetricRow } from '../catalogue/row.ts';
import { COUNTERS, HISTORICAL_COUNTERS } from '../catalogue/sources/counter.ts';
import { PROBE } from '../catalogue/sources/probe.ts';
import { PROPERTIES } from '../catalogue/sources/property.ts';
import { ownCollector } from '../collectors/own/compile-own.ts';
import { COLLECTORS } from '../collectors/registry.ts';
import type { Config } from '../config/schema.ts';

/** What can be read of one object in the session of a poll, or by a login on one host. */
const READ_BY_POLLS: readonly string[] = [PROPERTIES, COUNTERS, HISTORICAL_COUNTERS, PROBE].map(
  ({ name }) => name,
);

/** The metrics that a poll can ask for, by their names: those of the configuration, and built-in ones. */
export function polledMetrics({ sweeps }: Pick<Config, 'sweeps'>): () => ReadonlyMap<string, MetricRow> {
  let known: ReadonlyMap<string, MetricRow> | undefined;
  return () => {
    known ??= new Map(
      [...sweeps.flatMap(({ own }) => ownCollector(own) ?? []), ...COLLECTORS]
        .flatMap(({ rows }) => rows)
        .filter(({ source, isHidden }) => isHidden !== true && READ_BY_POLLS.includes(source.reader.name))
        .map((row) => [row.name, row]),
    );
    return known;
  };
}
