import type { MetricRow, Point, Unit } from '../row.ts';
import { type ViewReading, view } from '../sources/view.ts';

/** The row of that name; throws TypeError when the catalogue lost it. */
export function rowNamed(rows: readonly MetricRow[], name: string): MetricRow {
  const found = rows.find((row) => row.name === name);
  if (found === undefined) throw new TypeError(`the catalogue has no row ${name}`);
  return found;
}

/** The rows that a view is made from, by what it calls them. */
export type Of = Readonly<Record<string, MetricRow>>;

interface OtelRow<Rows extends Of> extends Pick<MetricRow, 'name' | 'help'> {
  readonly unit: Unit;
  readonly labels?: readonly string[];
  readonly of: Rows;
  toPoints(points: { readonly [Name in keyof Rows]: readonly Point[] }, item: ViewReading['item']): Point[];
  readonly noSample?: string;
}

/** A metric of OpenTelemetry's receiver. Kind, privilege and version are those of the rows that it is made from. */
export function otelRow<Rows extends Of>({ of, toPoints, noSample, ...row }: OtelRow<Rows>): MetricRow {
  const rows = Object.values(of);
  const [first] = rows;
  if (first === undefined) throw new TypeError(`${row.name} is made from nothing`);
  return {
    labels: [],
    ...row,
    kind: first.kind,
    source: view(rows, ({ item, pointsOf }) => {
      const points = Object.fromEntries(Object.entries(of).map(([name, one]) => [name, pointsOf(one)]));
      return toPoints(points as { [Name in keyof Rows]: readonly Point[] }, item);
    }),
    preset: 'otel',
    privilege: first.privilege,
    since: rows.map(({ since }) => since).reduce(newer),
    isQueried: true,
    noSample: noSample ?? 'when what it is made from has none',
  };
}

/** The later of two versions. `localeCompare` would make a collator for each call, which took 10 ms of every start. */
function newer(one: string, other: string): string {
  const parts = other.split('.').map(Number);
  for (const [place, part] of one.split('.').map(Number).entries()) {
    const difference = part - (parts[place] ?? 0);
    if (difference !== 0) return difference > 0 ? one : other;
  }
  return other;
}

/** The value of a row that says one thing of an item. */
export const onlyValue = (points: readonly Point[]): number | undefined => points[0]?.value;

/** The same points, their values divided by `divisor`: a value of 51.05 has no neighbour of 51.050000000000004 then. */
export const dividedBy = (divisor: number, points: readonly Point[]): Point[] =>
  points.map(({ labels, value }) => ({ labels, value: value / divisor }));

/** The same points behind further labels. */
export const labelled = (points: readonly Point[], ...labels: readonly string[]): Point[] =>
  points.map((point) => ({ labels: [...labels, ...point.labels], value: point.value }));

/** Of a row without labels: `object` is empty for the item as a whole, as in the receiver. */
export const whole = (points: readonly Point[]): Point[] =>
  points.map(({ value }) => ({ labels: [''], value }));

/** A share of a whole that is there, in percent. */
export function percent(part: number | undefined, all: number | undefined): Point[] {
  return part === undefined || all === undefined || all <= 0
    ? []
    : [{ labels: [], value: (100 * part) / all }];
}

/** Of a summation: real-time counters are of the 20 s before their value. */
export const SECONDS = 20;
export const MEBIBYTE = 2 ** 20;
