import { definitionOf, type MetricRow } from './row.ts';

/** A row in words and names, for pages and tables; nothing in it is code. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly unit: MetricRow['unit'];
  readonly kind: MetricRow['kind'];
  /** In the order of the series. */
  readonly labels: readonly string[];
  readonly reader: string;
  /** Property paths, names of counters or of probes; of a view the names of metrics. */
  readonly needs: readonly string[];
  readonly noSample: string;
  readonly preset: MetricRow['preset'];
  readonly privilege: MetricRow['privilege'];
  readonly since: string;
  readonly isQueried: boolean;
}

export function describeRow(row: MetricRow): MetricDescription {
  const { name, help, unit, kind, source, preset, privilege, since, isQueried = false } = row;
  return {
    name,
    help,
    unit,
    kind,
    labels: definitionOf(row).labels,
    reader: source.reader.name,
    needs: source.of?.map(({ name: of }) => of) ?? (source.over ?? row).source.needs.map(String),
    noSample: noSampleOf(row),
    preset,
    privilege,
    since,
    isQueried,
  };
}

const noSampleOf = ({ source, noSample }: MetricRow): string =>
  [
    ...(source.when === undefined ? [] : [`unless ${source.when}`]),
    ...(noSample !== undefined
      ? [noSample]
      : [
          source.reads?.isOptional === true ? 'when it is unset or cannot be read' : 'when it cannot be read',
        ]),
  ].join('; ');
