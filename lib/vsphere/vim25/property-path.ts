import { nearestName } from '../../platform/nearest-name.ts';
import { VspherePathError } from '../errors.ts';
import { type PathStep, parsePath } from './parse-path.ts';
import { loadVim25, type Vim25, type Vim25Property, type Vim25Type } from './vim25.ts';

/** What a property path leads to. */
export type PathTarget = Pick<Vim25Property, 'type' | 'isArray'>;

/**
 * Finds what a path leads to from a managed object type, by the rules of the PropertyCollector, which refuses a whole
 * call for one wrong path (InvalidProperty): a path follows declared types, so a property that only a subtype has
 * cannot be reached; it goes through an array by the key of an element only; it ends at a reference. Throws
 * VspherePathError, which says what was likely meant.
 */
export function checkPropertyPath(type: string, path: string): PathTarget {
  const vim25 = loadVim25();
  let here = managedType(type, vim25);
  let target: PathTarget | undefined;
  const steps = parsePath(path);
  for (const [index, step] of steps.entries()) {
    const property = here.properties.get(step.name);
    if (property === undefined) throw noSuchProperty({ type, here, steps, index }, vim25);
    target = targetOf(property, step, vim25);
    if (index === steps.length - 1) break;
    here = stepInto(target, { type, steps, index }, vim25);
  }
  // A path has one step at least.
  return target as PathTarget;
}

function managedType(name: string, vim25: Vim25): Vim25Type {
  const type = vim25.type(name);
  if (type?.kind === 'managed object') return type;
  const nearest = nearestName(name, vim25.namesOf('managed object'));
  const what =
    type === undefined ? `there is no managed object type ${name}` : `${name} is not a managed object`;
  throw new VspherePathError(what + hint(nearest), { code: 'unknown-type', suggestion: nearest });
}

/** The property itself, or one element of it when the step has a key. */
function targetOf(
  property: Vim25Property,
  { key, isQuoted, upTo, written }: PathStep,
  vim25: Vim25,
): PathTarget {
  if (key === undefined) return property;
  if (!property.isArray) {
    throw new VspherePathError(
      `${upTo} is not an array, so it has no element ${written.slice(property.name.length)}`,
      {
        code: 'wrong-key',
        suggestion: upTo,
      },
    );
  }
  const wantsText = keyType(property.type, vim25) === 'string';
  if (wantsText !== isQuoted) {
    const right = wantsText ? `${upTo}["${key}"]` : `${upTo}[<number>]`;
    throw new VspherePathError(
      `the elements of ${upTo} have keys that are ${wantsText ? 'texts' : 'numbers'}: ${right}`,
      {
        code: 'wrong-key',
        suggestion: wantsText ? right : undefined,
      },
    );
  }
  return { type: property.type, isArray: false };
}

/** An element is named by its field `key`, a reference by its value, and what has neither by its place. */
function keyType(name: string, vim25: Vim25): 'string' | 'number' {
  const type = vim25.type(name);
  if (type?.kind === 'managed object') return 'string';
  return type?.properties.get('key')?.type === 'string' ? 'string' : 'number';
}

interface Place {
  /** The managed object type that the path starts from. */
  readonly type: string;
  readonly steps: readonly PathStep[];
  readonly index: number;
}

/** The type in which the path goes on; there is one at data objects only. */
function stepInto(target: PathTarget, { type, steps, index }: Place, vim25: Vim25): Vim25Type {
  const { upTo = '', written = '', name = '' } = steps[index] ?? {};
  const here = upTo.slice(0, upTo.length - name.length) + written;
  const rest = steps.slice(index + 1).map((step) => step.written);
  const found = vim25.type(target.type);
  const stop = (why: string) =>
    new VspherePathError(`${type} has no ${[here, ...rest].join('.')}: ${why}`, {
      code: 'unreachable',
      suggestion: here,
    });
  if (found?.kind === 'managed object') {
    throw stop(
      `${here} refers to a ${found.name}, and a path ends there; read ${rest.join('.')} of that object`,
    );
  }
  if (target.isArray) {
    const key = keyType(target.type, vim25) === 'string' ? '"<key>"' : '<key>';
    throw stop(`${here} is an array; read it whole, or ${here}[${key}].${rest.join('.')} of one element`);
  }
  if (found?.kind !== 'data object') throw stop(`${here} is a ${target.type}, which has no properties`);
  return found;
}

function noSuchProperty(
  { type, here, steps, index }: Place & { here: Vim25Type },
  vim25: Vim25,
): VspherePathError {
  const { name = '', upTo = '' } = steps[index] ?? {};
  const before = upTo.slice(0, upTo.length - name.length);
  const message = `${type} has no ${upTo}`;
  const owners = vim25.subtypesOf(here.name).filter((one) => declares(one, name));
  if (owners.length > 0) return onlyInSubtypes({ message, name, parent: before.slice(0, -1), owners, here });
  const nearest = nearestName(name, here.properties.keys());
  if (nearest === undefined) {
    return new VspherePathError(`${message} (as of vSphere ${vim25.version})`, { code: 'unknown-property' });
  }
  const rest = steps.slice(index + 1).map(({ written }) => written);
  const suggestion = longestRight(type, [before + nearest, ...rest]);
  return new VspherePathError(message + hint(suggestion), { code: 'unknown-property', suggestion });
}

function declares({ properties, base }: Vim25Type, name: string): boolean {
  return properties.has(name) && base?.properties.has(name) !== true;
}

function onlyInSubtypes(found: {
  message: string;
  name: string;
  /** The path to the value whose type is `here`; empty at the managed object itself. */
  parent: string;
  owners: readonly Vim25Type[];
  here: Vim25Type;
}): VspherePathError {
  const { message, name, parent, owners, here } = found;
  const names = new Intl.ListFormat('en').format(owners.map((owner) => owner.name));
  const only = `${message}: only ${names} ${owners.length === 1 ? 'has' : 'have'} ${name}`;
  const remedy =
    parent === ''
      ? 'ask for objects of that type'
      : `${parent} is declared as ${here.name}; read it whole and take ${name} from there`;
  return new VspherePathError(`${only}; ${remedy}`, {
    code: 'unreachable',
    suggestion: parent === '' ? undefined : parent,
  });
}

/** The whole path when it is right, else what was likely meant by it, else its beginning. */
function longestRight(type: string, [first = '', ...rest]: readonly string[]): string {
  const whole = [first, ...rest].join('.');
  try {
    checkPropertyPath(type, whole);
    return whole;
  } catch (error) {
    return (error instanceof VspherePathError ? error.suggestion : undefined) ?? first;
  }
}

function hint(nearest: string | undefined): string {
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}
