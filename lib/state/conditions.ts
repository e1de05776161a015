import { isDeepStrictEqual } from 'node:util';
import type { Item } from './item.ts';

/** An attribute, or one inside of it: `openAttempt.id`. */
export type AttributePath = string;

/**
 * What must hold of an item for a write to be done. Of an item that is not there `absent`, `differs`, `noText` and `lacks` hold,
 * the others do not.
 */
export type Condition =
  | { readonly absent: AttributePath }
  | { readonly present: AttributePath }
  | { readonly equals: readonly [AttributePath, unknown] }
  | { readonly differs: readonly [AttributePath, string] }
  | { readonly atMost: readonly [AttributePath, number] }
  | { readonly atLeast: readonly [AttributePath, number] }
  /** Absent, or of another type than a text. */
  | { readonly noText: AttributePath }
  /** Not a list with this element. */
  | { readonly lacks: readonly [AttributePath, string] }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

/** Nothing stands under the key yet. */
export const ABSENT: Condition = { absent: 'pk' };

/**
 * A change of an item's attributes, each named once. Whatever reads an attribute reads it as it was before: `copy`
 * takes another one's value, or `otherwise` where that is absent; `append` begins with an empty list, `add` with 0.
 */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly copy?: Readonly<Record<string, { readonly from: string; readonly otherwise: number | string }>>;
  readonly append?: Readonly<Record<string, readonly string[]>>;
  readonly add?: Readonly<Record<string, number>>;
  readonly remove?: readonly string[];
}

type Attributes = Readonly<Record<string, unknown>>;

/** Whether the condition holds of the item, or of there being none. */
export function holds(condition: Condition, item: Attributes | undefined): boolean {
  const at = (path: AttributePath) => valueAt(path, item);
  if ('absent' in condition) return at(condition.absent) === undefined;
  if ('present' in condition) return at(condition.present) !== undefined;
  if ('all' in condition) return condition.all.every((one) => holds(one, item));
  if ('any' in condition) return condition.any.some((one) => holds(one, item));
  if ('equals' in condition) {
    const [path, value] = condition.equals;
    return at(path) !== undefined && isDeepStrictEqual(at(path), value);
  }
  if ('differs' in condition) return at(condition.differs[0]) !== condition.differs[1];
  if ('atMost' in condition) {
    const value = at(condition.atMost[0]);
    return typeof value === 'number' && value <= condition.atMost[1];
  }
  if ('atLeast' in condition) {
    const value = at(condition.atLeast[0]);
    return typeof value === 'number' && value >= condition.atLeast[1];
  }
  if ('noText' in condition) return typeof at(condition.noText) !== 'string';
  const list = at(condition.lacks[0]);
  return !(Array.isArray(list) && list.includes(condition.lacks[1]));
}

/**
 * The item after the change. Throws TypeError where something is appended to what is no list, or added to what is no
 * number.
 */
export function applyChange(before: Item, change: Change): Item {
  const { set = {}, copy = {}, append = {}, add = {}, remove = [] } = change;
  const after: Record<string, unknown> = { ...before, ...set };
  for (const [name, { from, otherwise }] of Object.entries(copy)) after[name] = before[from] ?? otherwise;
  for (const [name, more] of Object.entries(append)) {
    const list = before[name] ?? [];
    if (!Array.isArray(list)) throw new TypeError(`${name} is not a list`);
    after[name] = [...list, ...more];
  }
  for (const [name, by] of Object.entries(add)) {
    const number = before[name] ?? 0;
    if (typeof number !== 'number') throw new TypeError(`${name} is not a number`);
    after[name] = number + by;
  }
  for (const name of remove) delete after[name];
  return { ...after, pk: before.pk, sk: before.sk };
}

function valueAt(path: AttributePath, item: Attributes | undefined): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Attributes)[name]
          : undefined,
      item,
    );
}
