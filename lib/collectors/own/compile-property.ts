import type { Evaluated, MetricRow, Point, Source } from '../../catalogue/row.ts';
import { amountOf } from '../../catalogue/sources/conversions.ts';
import { PROPERTIES, type PropertyReading } from '../../catalogue/sources/property.ts';
import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import { fieldOf } from '../../vsphere/property/value-fields.ts';
import { newest, type ResolvedPath, resolvePath } from '../../vsphere/vim25/resolve-path.ts';
import { type CompileOwn, kindOfType, type NamedOwn, splitOwn } from './own-kind.ts';
import {
  cutLabel,
  declaredAs,
  describeTest,
  labelOf,
  type OwnDeclared,
  ownConversion,
  ownUnit,
} from './own-value.ts';

/** Elements of one object that become series, where the configuration does not say. */
export const DEFAULT_MAX = 256;

/** The element of an array itself, such as a text in a list of texts. */
export const ITSELF = '.';

/** `property`: a series an object. Its labels and what it is divided by are further paths of the object. */
export const compileProperty: CompileOwn = (own) => {
  const { metric, name } = own;
  const { type, what } = splitOwn(metric.property);
  const resolve = (path: string) => resolvePath(type, path);
  const [value, labels, divide] = resolveAll(own, what, resolve);
  const kind = kindOfType(type);
  if (kind === undefined || value === undefined) return undefined;
  const read = [value, ...labels.map(([, path]) => path), ...(divide === undefined ? [] : [divide])];
  const toPoints = ownConversion(metric, declaredAs(value));
  const source: Source<string, PropertyReading> = {
    reader: PROPERTIES,
    needs: [...new Set(read.map((path) => path.read))],
    evaluate(reading) {
      const warnings = read.flatMap((path) => unreadable(path.read, reading));
      if (warnings.length > 0) return { points: [], warnings: [...new Set(warnings)] };
      const get = ({ read: path, below }: ResolvedPath) =>
        below.reduce(fieldOf, reading.properties.get(path));
      const found = get(value);
      const texts = labels.map(([, path]) => cutLabel(labelOf(get(path))));
      return pointsOf({ found, texts, divisor: divide && get(divide), own, what: what }, toPoints);
    },
  };
  const declared = declaredAs(value);
  return { ...rowOf(own, { type, what, labels, since: sinceOf(read), declared }), name, kind, source };
};

/** `each`: a series an element of an array. Its value, its labels and what it is divided by are paths inside of it. */
export const compileEach: CompileOwn = (own) => {
  const { metric, name } = own;
  const { type, what } = splitOwn(metric.each);
  const array = resolvePath(type, what);
  const kind = kindOfType(type);
  if (kind === undefined || array?.isArray !== true) return undefined;
  const resolve = (path: string) => insideOf(array, path);
  const isInfo = metric.value === 1;
  const [value, labels, divide] = resolveAll(own, isInfo ? ITSELF : String(metric.value), resolve);
  if (value === undefined) return undefined;
  const toPoints = isInfo ? toOne : ownConversion(metric, declaredAs(value));
  const { max = DEFAULT_MAX } = metric;
  const source: Source<string, PropertyReading> = {
    reader: PROPERTIES,
    needs: [array.read],
    evaluate(reading) {
      const missing = unreadable(array.read, reading);
      if (missing.length > 0) return { points: [], warnings: missing };
      const all = array.below.reduce(fieldOf, reading.properties.get(array.read));
      const elements = Array.isArray(all) ? all : [];
      const points: Point[] = [];
      const warnings = new Set<string>();
      for (const element of elements.slice(0, max)) {
        const get = ({ below }: ResolvedPath) => below.reduce(fieldOf, element as PropertyValue | undefined);
        const texts = labels.map(([, path]) => cutLabel(labelOf(get(path))));
        const made = pointsOf(
          { found: get(value), texts, divisor: divide && get(divide), own, what },
          toPoints,
        );
        points.push(...made.points);
        for (const warning of made.warnings) warnings.add(warning);
      }
      if (elements.length > max)
        warnings.add(`${name}: ${what} has more than ${max} elements; the rest is left out`);
      return { points, warnings: [...warnings] };
    },
  };
  return {
    ...rowOf(own, {
      type,
      what,
      labels,
      since: sinceOf([array, value, ...labels.map(([, path]) => path)]),
      declared: declaredAs(value),
    }),
    name,
    kind,
    source,
  };
};

/** From an element of an array; undefined for a path that leads nowhere. Throws VspherePathError. */
export const insideOf = (array: ResolvedPath, path: string): ResolvedPath | undefined =>
  path === ITSELF
    ? { ...array, below: [], isArray: false }
    : resolvePath(array.type, path, { isInside: true });

const toOne = (_value: PropertyValue, labels: readonly string[]): readonly Point[] => [{ labels, value: 1 }];

type Labelled = readonly (readonly [label: string, path: ResolvedPath])[];

function resolveAll(
  { metric }: NamedOwn,
  value: string,
  resolve: (path: string) => ResolvedPath | undefined,
): [value: ResolvedPath | undefined, labels: Labelled, divide: ResolvedPath | undefined] {
  const labels = Object.entries(metric.labels ?? {}).flatMap(([label, path]) => {
    const found = resolve(path);
    return found === undefined ? [] : [[label, found] as const];
  });
  return [resolve(value), labels, metric.divide === undefined ? undefined : resolve(metric.divide)];
}

/** What is unset gives no series, or the value that the configuration has for it; divided by nothing it gives none. */
function pointsOf(
  {
    found,
    texts,
    divisor,
    own: { metric, name },
    what,
  }: {
    readonly found: PropertyValue | undefined;
    readonly texts: readonly string[];
    readonly divisor: PropertyValue | undefined;
    readonly own: NamedOwn;
    readonly what: string;
  },
  toPoints: ReturnType<typeof ownConversion>,
): Evaluated {
  if (found === undefined)
    return {
      points: metric.unset === undefined ? [] : [{ labels: texts, value: metric.unset }],
      warnings: [],
    };
  const by = metric.divide === undefined ? 1 : amountOf(divisor);
  if (by === undefined || by === 0) return { points: [], warnings: [] };
  const points = toPoints(found, texts, by);
  return points === undefined
    ? { points: [], warnings: [`${name}: ${what} has a value that is ${expectedBy(metric)}`] }
    : { points, warnings: [] };
}

const expectedBy = ({ states }: NamedOwn['metric']): string =>
  states === undefined ? 'no number' : `none of ${states.join(', ')}`;

const unreadable = (path: string, { missing }: PropertyReading): string[] => {
  const fault = missing.get(path);
  return fault === undefined ? [] : [`${path} could not be read: ${fault}`];
};

const sinceOf = (paths: readonly ResolvedPath[]): string =>
  paths.reduce((since, path) => newest(since, path.since), '');

/** What a row says of itself. */
const rowOf = (
  { metric, preset }: NamedOwn,
  {
    type,
    what,
    labels,
    since,
    declared,
  }: { type: string; what: string; labels: Labelled; since: string; declared: OwnDeclared },
): Pick<MetricRow, 'help' | 'unit' | 'labels' | 'preset' | 'privilege' | 'since' | 'isOwn'> => ({
  help: metric.help ?? describe(metric, `${type} ${what}`),
  unit: ownUnit(metric, declared),
  labels: [...labels.map(([label]) => label), ...(metric.states === undefined ? [] : ['state'])],
  preset,
  privilege: 'System.Read',
  since,
  isOwn: true,
});

function describe({ value, test, scale, divide }: NamedOwn['metric'], from: string): string {
  return [
    typeof value === 'string' && value !== ITSELF ? `${value} of each of ${from}` : from,
    ...(divide === undefined ? [] : [`divided by ${divide}`]),
    ...(scale === undefined ? [] : [`times ${scale}`]),
    ...(test === undefined ? [] : [describeTest(test)]),
  ].join(', ');
}
