import { kindsOf, type MetricRow, type ReaderFacts } from '../catalogue/row.ts';
import { PROBE } from '../catalogue/sources/probe.ts';
import type { KindName } from '../inventory/kind.ts';
import type { Collector } from './collector.ts';

/** What one reader has to fetch of each item of a kind, each need once. */
export interface ReaderNeeds {
  readonly kind: KindName;
  readonly reader: ReaderFacts;
  readonly needs: readonly unknown[];
}

/**
 * What has to be listed, read and asked so that all rows of some collectors can be evaluated: a row a kind and reader.
 * Nothing else decides whether a sweep reads vCenter or asks hosts by ssh, and what for.
 */
export function needsOf(collectors: readonly Pick<Collector, 'rows'>[]): ReaderNeeds[] {
  const found = new Map<string, { kind: KindName; reader: ReaderFacts; needs: Set<unknown> }>();
  for (const { kind, source } of evaluatedInBatches(collectors).flatMap(({ rows }) => rows)) {
    const key = `${kind} ${source.reader.name}`;
    const known = found.get(key) ?? { kind, reader: source.reader, needs: new Set() };
    for (const need of source.needs) known.needs.add(need);
    found.set(key, known);
  }
  return Array.from(found.values(), ({ needs, ...row }) => ({ ...row, needs: [...needs] }));
}

/** Whether some collectors need anything that comes in that way. */
export const runsBy = (collectors: readonly Pick<Collector, 'rows'>[], runs: ReaderFacts['runs']): boolean =>
  needsOf(collectors).some(({ reader }) => reader.runs === runs);

/** The names of the probes that one session with a host runs for some collectors. */
export const probesOf = (collectors: readonly Pick<Collector, 'rows'>[]): string[] =>
  needsOf(collectors).flatMap(({ reader, needs }) => (reader === PROBE ? needs.map(String) : []));

/**
 * Collectors with the rows that batches evaluate: in place of an aggregate the row that it is made from, and each once,
 * however many rows and collectors have it.
 */
export function evaluatedInBatches<One extends Pick<Collector, 'rows'>>(collectors: readonly One[]): One[] {
  const seen = new Set<MetricRow>();
  const once = (row: MetricRow): MetricRow[] => {
    if (seen.has(row)) return [];
    seen.add(row);
    return [row];
  };
  return collectors.map((one) => ({ ...one, rows: one.rows.flatMap((row) => once(row.source.over ?? row)) }));
}

/** The kinds to list besides hosts, which every sweep lists: those of rows, of what they are made from and refer to. */
export const otherKindsOf = (collectors: readonly Pick<Collector, 'rows'>[]): readonly KindName[] => {
  const kinds = collectors.flatMap(({ rows }) =>
    rows.flatMap(({ kind, source, references = {} }) => [
      kind,
      ...(source.over === undefined ? [] : [source.over.kind]),
      ...Object.values(references).flatMap(kindsOf),
    ]),
  );
  return [...new Set(kinds)].filter((kind) => kind !== 'host');
};
