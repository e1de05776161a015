import { nearestName } from '../../platform/nearest-name.ts';
import { VspherePathError } from '../../vsphere/errors.ts';
import { enumWords } from '../../vsphere/vim25/enum-words.ts';
import { checkPropertyPath } from '../../vsphere/vim25/property-path.ts';
import { type ResolvedPath, resolvePath } from '../../vsphere/vim25/resolve-path.ts';
import { secretIn } from '../../vsphere/vim25/secret-path.ts';
import { loadVim25 } from '../../vsphere/vim25/vim25.ts';
import { checkOwnType } from './check-type.ts';
import { ITSELF, insideOf } from './compile-property.ts';
import { kindOfType, type NamedOwn, type OwnFault, splitOwn } from './own-kind.ts';
import { declaredAs, type OwnDeclared } from './own-value.ts';
import { labelsOfKind, whyNoLabel } from './reserved-names.ts';

/** The faults of a metric of one property of each object. */
export function checkProperty(own: NamedOwn): readonly OwnFault[] {
  const { type, what } = splitOwn(own.metric.property);
  const wrong = checkOwnType(own, { at: 'property', written: own.metric.property });
  if (wrong !== undefined) return wrong;
  const resolve = (path: string) => resolveFrom(type, path);
  return [
    ...valueFaults(own, 'property', resolve(what)),
    ...divideFaults(own, resolve),
    ...labelFaults(own, type, resolve),
  ];
}

/** The faults of a metric of each element of an array. */
export function checkEach(own: NamedOwn): readonly OwnFault[] {
  const { type, what } = splitOwn(own.metric.each);
  const wrong = checkOwnType(own, { at: 'each', written: own.metric.each });
  if (wrong !== undefined) return wrong;
  const { value } = own.metric;
  const array = resolveFrom(type, what);
  const valueMissing =
    value === undefined ? [{ at: 'value', message: 'is missing; write a path inside an element, or 1' }] : [];
  if (typeof array === 'string') return [{ at: 'each', message: array }, ...valueMissing];
  if (!array.isArray) {
    const message = `${what} is no array; write property: ${type} ${what}`;
    return [{ at: 'each', message }, ...valueMissing];
  }
  const resolve = (path: string) => resolveInside(array, path);
  return [
    ...valueMissing,
    ...(typeof value === 'string' ? valueFaults(own, 'value', resolve(value)) : []),
    ...divideFaults(own, resolve),
    ...labelFaults(own, type, resolve),
  ];
}

/** A path, or why it is none. */
type Resolved = ResolvedPath | string;
type Resolve = (path: string) => Resolved;

/** From a managed object; also where only a subtype has the last part, whose parent is then read whole. */
function resolveFrom(type: string, path: string): Resolved {
  const secret = secretIn(path);
  if (secret !== undefined) return saySecret(secret);
  try {
    const found = resolvePath(type, path);
    if (found !== undefined) return found;
    checkPropertyPath(type, path);
    return `${type} has no ${path}`;
  } catch (error) {
    if (!(error instanceof VspherePathError)) throw error;
    const isInArray = /is an array; read it whole/.test(error.message);
    return isInArray ? `${error.message}; or write each: ${type} ${arrayIn(type, path)}` : error.message;
  }
}

/** The first array of a path, up to which it is right. */
function arrayIn(type: string, path: string): string {
  const beginnings = path.split('.').map((_step, at, steps) => steps.slice(0, at + 1).join('.'));
  return beginnings.find((one) => resolvePath(type, one)?.isArray === true) ?? path;
}

/** Inside an element of an array. */
function resolveInside(array: ResolvedPath, path: string): Resolved {
  const secret = secretIn(path);
  if (secret !== undefined) return saySecret(secret);
  try {
    return insideOf(array, path) ?? sayNoField(array.type, path);
  } catch (error) {
    if (error instanceof VspherePathError) return error.message;
    throw error;
  }
}

const saySecret = (secret: string): string =>
  `${secret} may hold secrets, which are neither metrics nor labels; leave it out`;

/** Which part of the path is wrong, and what was likely meant. */
function sayNoField(element: string, path: string): string {
  const vim25 = loadVim25();
  const steps = path.split('.');
  let here = element;
  const right: string[] = [];
  for (const step of steps) {
    const found = resolvePath(here, step, { isInside: true });
    if (found === undefined || found.isArray || vim25.type(found.type)?.kind !== 'data object') break;
    here = found.type;
    right.push(step);
  }
  const name = String(steps[right.length]);
  const names = [vim25.type(here), ...vim25.subtypesOf(here)].flatMap((one) => [
    ...(one?.properties.keys() ?? []),
  ]);
  if (names.length === 0)
    return `an element is a ${here}, which has no fields; write "${ITSELF}" for the element itself`;
  if (names.includes(name)) return `${[...right, name].join('.')} has nothing below it; end the path there`;
  const nearest = nearestName(name, names);
  return nearest === undefined
    ? `${here} has no ${name}; it has ${[...new Set(names)].slice(0, 20).join(', ')}`
    : `${here} has no ${name}; did you mean ${[...right, nearest, ...steps.slice(right.length + 1)].join('.')}?`;
}

function valueFaults({ metric }: NamedOwn, at: string, value: Resolved): OwnFault[] {
  if (typeof value === 'string') return [{ at, message: value }];
  const declared = declaredAs(value);
  const message = whyNoValue(metric, declared, value);
  return message === undefined ? wordFaults(metric, value) : [{ at, message }];
}

/** Words that no value of the enumeration is: a metric of them would be 0 for good. */
function wordFaults({ states = [], test }: NamedOwn['metric'], { type, isArray }: ResolvedPath): OwnFault[] {
  const words = isArray ? undefined : enumWords(type);
  if (words === undefined) return [];
  const tested = typeof test?.equals === 'string' ? [{ at: 'test.equals', word: test.equals }] : [];
  const written = [...states.map((word) => ({ at: 'states', word })), ...tested];
  return written.flatMap(({ at, word }): OwnFault[] => {
    if (words.includes(word)) return [];
    const nearest = nearestName(word, words);
    const hint = nearest === undefined ? `write one of ${words.join(', ')}` : `did you mean ${nearest}?`;
    return [{ at, message: `"${word}" is no word of ${type}; ${hint}` }];
  });
}

/** Why a value of that type cannot be a number as the metric wants it. */
function whyNoValue(
  { states, test, scale, divide }: NamedOwn['metric'],
  declared: OwnDeclared,
  { type }: ResolvedPath,
): string | undefined {
  if (declared === 'object') {
    const names = [...(loadVim25().type(type)?.properties.keys() ?? [])];
    return `is a ${type}, not a single value; add one of its properties to the path: ${names.slice(0, 20).join(', ')}`;
  }
  if (declared === 'array' && (states !== undefined || test?.matches !== undefined))
    return 'is an array, whose value is the number of its elements; write each, or test it with above or below';
  if (states !== undefined && declared !== 'text' && declared !== 'any')
    return `is a ${type}, which has no states; leave states out`;
  const isNumber = declared !== 'text' && declared !== 'reference';
  if (!isNumber && (test?.above !== undefined || test?.below !== undefined))
    return 'is a text, which is neither above nor below a number; test it with equals or matches';
  if (isNumber || states !== undefined || test !== undefined) return undefined;
  const remedy =
    declared === 'reference'
      ? 'write it under labels'
      : `add states: [<word>, …] or test: { equals: <text> }, or write it under labels`;
  const isScaled = scale !== undefined || divide !== undefined ? ', so it cannot be scaled or divided' : '';
  return `is a ${type}, and a text is never a value${isScaled}; ${remedy}`;
}

function divideFaults({ metric }: NamedOwn, resolve: Resolve): OwnFault[] {
  if (metric.divide === undefined) return [];
  const by = resolve(metric.divide);
  if (typeof by === 'string') return [{ at: 'divide', message: by }];
  return declaredAs(by) === 'number' ? [] : [{ at: 'divide', message: `is a ${by.type}, not a number` }];
}

function labelFaults({ metric, preset }: NamedOwn, type: string, resolve: Resolve): OwnFault[] {
  const kind = kindOfType(type);
  const base = (kind && labelsOfKind(kind, preset)) ?? [];
  const taken = [...base, ...(metric.states === undefined ? [] : ['state'])];
  return Object.entries(metric.labels ?? {}).flatMap(([label, path]): OwnFault[] => {
    const at = `labels.${label}`;
    const nameFault = whyNoLabel(label, { taken });
    const found = resolve(path);
    const isLeaf = typeof found !== 'string' && !isObject(found);
    return [
      ...(nameFault === undefined ? [] : [{ at, message: nameFault }]),
      ...(typeof found === 'string' ? [{ at, message: found }] : []),
      ...(isSettingsValue(path, resolve) ? [{ at, message: SAY_SETTING }] : []),
      ...(typeof found === 'string' || isLeaf
        ? []
        : [{ at, message: `is a ${found.type}, not a single value; add one of its properties to the path` }]),
    ];
  });
}

const SAY_SETTING =
  'is the value of a setting, which may be a secret, so it is no label; write it as the value, with states or test';

/** The value of an option: what it is only its key says, and no declaration. */
function isSettingsValue(path: string, resolve: Resolve): boolean {
  if (path !== 'value' && !path.endsWith('.value')) return false;
  const of = resolve(path === 'value' ? ITSELF : path.slice(0, -'.value'.length));
  return typeof of !== 'string' && of.type === 'OptionValue';
}

const isObject = ({ type }: ResolvedPath): boolean => declaredAs({ type, isArray: false }) === 'object';
