import { type Evaluated, type MetricRow, NOTHING, type Point } from '../../catalogue/row.ts';
import { probed } from '../../catalogue/sources/probe.ts';
import { isSecretColumn } from '../../esxi/commands/secrets.ts';
import { type EsxcliRecord, fieldKey } from '../../esxi/esxcli/read-output.ts';
import { booleanOf, numberOf, textOf } from '../../esxi/esxcli/values.ts';
import { DEFAULT_MAX } from './compile-property.ts';
import type { CompileOwn, NamedOwn } from './own-kind.ts';
import { compileOwnPattern } from './own-pattern.ts';
import { type OwnReading, ownProbeOf } from './own-probes.ts';
import { cutLabel, describeTest, ownTest, ownUnit, scaling } from './own-value.ts';

/** `esxcli` and `ssh`: a probe in the one session of each host, and a row over what it says. */
export const compileCommand: CompileOwn = (own) => {
  const { name, metric, preset } = own;
  const probe = ownProbeOf(metric);
  if (probe === undefined) return undefined;
  const evaluate = metric.ssh === undefined ? rowsToPoints(own) : linesToPoints(own);
  const row: MetricRow = {
    name,
    help: metric.help ?? describe(own),
    unit: ownUnit(metric),
    kind: 'host',
    source: probed<OwnReading>(probe, evaluate),
    labels: [...Object.keys(metric.labels ?? {}), ...(metric.states === undefined ? [] : ['state'])],
    preset,
    privilege: 'login by ssh',
    since: '6.7',
    isOwn: true,
  };
  return row;
};

const describe = ({ metric: { esxcli, ssh, value, test, count, scale, divide } }: NamedOwn): string =>
  [
    esxcli === undefined ? ssh?.join(' ') : `esxcli ${esxcli}`,
    ...(typeof value === 'string' ? [value] : []),
    ...(count === undefined ? [] : [`lines that match ${count}`]),
    ...(divide === undefined ? [] : [`divided by ${divide}`]),
    ...(scale === undefined ? [] : [`times ${scale}`]),
    ...(test === undefined ? [] : [describeTest(test)]),
  ].join(', ');

type Evaluate = (reading: OwnReading) => Evaluated;

/** Of text: how many lines match, whether any does, or the number that it is. */
function linesToPoints({ name, metric }: NamedOwn): Evaluate {
  const { count, test } = metric;
  const pattern = count === undefined ? undefined : compileOwnPattern(count);
  const passes = test && ownTest(test);
  const scaled = scaling(metric);
  return (reading) => {
    if (reading.kind !== 'text') return NOTHING;
    const { lines } = reading;
    if (pattern !== undefined) {
      pattern.checkCost(lengthOf(lines));
      return one(scaled(lines.filter((line) => pattern.test(line)).length));
    }
    const printed = lines.join('\n').trim();
    // wc prints the file behind the number.
    const text = metric.ssh?.[0] === 'wc' ? printed.replace(/^(\d+)\s.*/s, '$1') : printed;
    if (passes !== undefined) return one(passes(text, 'text', numeric(text)) ? 1 : 0);
    const number = numeric(text);
    if (number !== undefined) return one(scaled(number));
    return { points: [], warnings: [`${name}: the command printed no number`] };
  };
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);

const one = (value: number): Evaluated => ({ points: [{ labels: [], value }], warnings: [] });

/** The whole text is a number in decimals. */
const numeric = (text: string): number | undefined =>
  /^-?\d{1,20}(?:\.\d{1,20})?$/.test(text) ? Number(text) : undefined;

/** Of the rows of esxcli: a series a row, one of the object, or how many rows match. */
function rowsToPoints(own: NamedOwn): Evaluate {
  const { name, metric } = own;
  const { count, max = DEFAULT_MAX, value, test } = metric;
  const pattern = count === undefined ? undefined : compileOwnPattern(count);
  const tested = test?.matches === undefined ? undefined : compileOwnPattern(test.matches);
  const toPoints = rowToPoints(own);
  const columns = [
    ...(typeof value === 'string' ? [value] : []),
    ...(metric.divide === undefined ? [] : [metric.divide]),
    ...Object.values(metric.labels ?? {}),
  ];
  return (reading) => {
    if (reading.kind !== 'rows') return NOTHING;
    const { rows } = reading;
    if (pattern !== undefined) {
      // Whether a secret matches would tell what it is.
      const texts = rows.map((row) =>
        Array.from(row).flatMap(([column, one_]) => (isSecretColumn(column) ? [] : [String(one_)])),
      );
      pattern.checkCost(lengthOf(texts.flat()));
      return one(scaling(metric)(texts.filter((row) => row.some((text) => pattern.test(text))).length));
    }
    const missing = columns.find(
      (column) => rows.length > 0 && !rows.some((row) => row.has(fieldKey(column))),
    );
    if (missing !== undefined)
      return {
        points: [],
        warnings: [`${name}: the command has no column "${missing}"; it has ${columnsOf(rows)}`],
      };
    if (metric.each !== true && rows.length > 1)
      return {
        points: [],
        warnings: [
          `${name}: the command printed ${rows.length} rows; add each: true for a series per row, with labels that tell them apart`,
        ],
      };
    const taken = rows.slice(0, max);
    tested?.checkCost(lengthOf(taken.map((row) => textOf(row, String(value)))));
    const points: Point[] = [];
    const warnings = new Set<string>();
    for (const row of taken) {
      const made = toPoints(row);
      if (made === undefined) warnings.add(`${name}: a value is ${expectedBy(own)}`);
      else points.push(...made);
    }
    if (rows.length > max)
      warnings.add(`${name}: the command has more than ${max} rows; the rest is left out`);
    return { points, warnings: [...warnings] };
  };
}

const expectedBy = ({ metric: { states } }: NamedOwn): string =>
  states === undefined ? 'no number' : `none of ${states.join(', ')}`;

const columnsOf = (rows: readonly EsxcliRecord[]): string =>
  rows
    .slice(0, 1)
    .flatMap((row) => [...row.keys()])
    .slice(0, 12)
    .join(', ');

/** Undefined for a value that cannot be one; no points for one that is not set. */
function rowToPoints({ metric }: NamedOwn): (row: EsxcliRecord) => readonly Point[] | undefined {
  const { value, states, test, unset, divide } = metric;
  const passes = test && ownTest(test);
  const scaled = scaling(metric);
  return (row) => {
    const labels = Object.values(metric.labels ?? {}).map((column) => cutLabel(textOf(row, column)));
    if (value === 1) return [{ labels, value: 1 }];
    const column = String(value);
    const text = textOf(row, column);
    if (text === '' || text === 'N/A') return unset === undefined ? [] : [{ labels, value: unset }];
    if (states !== undefined)
      return states.includes(text)
        ? states.map((word) => ({ labels: [...labels, word], value: word === text ? 1 : 0 }))
        : undefined;
    const number = numberOf(row, column) ?? asBit(booleanOf(row, column));
    if (passes !== undefined) return [{ labels, value: passes(text, 'text', numberOf(row, column)) ? 1 : 0 }];
    if (number === undefined) return undefined;
    const by = divide === undefined ? 1 : numberOf(row, divide);
    return by === undefined || by === 0 ? [] : [{ labels, value: scaled(number) / by }];
  };
}

const asBit = (is: boolean | undefined): number | undefined => (is === undefined ? undefined : is ? 1 : 0);
