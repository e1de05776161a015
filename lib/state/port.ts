import type { Change, Condition } from './conditions.ts';
import type { Item, ItemKey } from './item.ts';

interface Options {
  readonly signal: AbortSignal;
}

export type ItemWrite = { readonly put: Item } | { readonly delete: ItemKey };

export interface QueryOfItems {
  readonly pk: string;
  readonly skPrefix?: string;
  readonly skRange?: readonly [string, string];
  readonly only?: readonly string[];
}

/** `eventual`: only for what may be stale without harm. Attempts, refusals and pinned keys never are. */
export interface Reading {
  readonly eventual?: boolean;
}

/**
 * The state table, as the stores see it: items under two keys, the second one in the order of its bytes. Reads are
 * consistent unless `eventual` is asked for, which costs half and may miss what was written in the last second or so; a write that resolved is on the disk. A condition that does not hold is an answer (`false`,
 * `undefined`), every other failure a StateError, or the signal's reason after an abort: then nobody knows whether the
 * write was done. It may also be done twice when its answer was lost, so callers must be able to bear that.
 */
export interface Table {
  /**
   * Another number once a call was answered by another table in the place of this one: what was kept of its items holds
   * no more.
   */
  readonly generation: number;
  get(key: ItemKey, options: Options): Promise<Item | undefined>;
  /** Those of the items that are there, in any order; each costs as if it were read alone. Each key once. */
  getAll(keys: readonly ItemKey[], options: Options & Reading): Promise<readonly Item[]>;
  /**
   * Every item of `pk`, or those whose `sk` begins with `skPrefix` or lies in `skRange` (both ends included); `only`
   * names the attributes wanted.
   */
  query(from: QueryOfItems, options: Options & Reading): Promise<readonly Item[]>;
  /** The replaced item, if there was one. */
  replace(item: Item, options: Options): Promise<Item | undefined>;
  putIf(condition: Condition, item: Item, options: Options): Promise<boolean>;
  /** Makes the item when absent; answers the item after the change. */
  update(key: ItemKey, change: Change, options: Options): Promise<Item>;
  /** The item after the change, which is made when absent; undefined when the condition did not hold. */
  updateIf(condition: Condition, key: ItemKey, change: Change, options: Options): Promise<Item | undefined>;
  deleteIf(condition: Condition, key: ItemKey, options: Options): Promise<boolean>;
  /** Puts and deletes in any order, not as one; each key once. */
  writeAll(writes: readonly ItemWrite[], options: Options): Promise<void>;
}

/** Of a query: the part for a range of `sk` that may not be given. */
export const inRange = (range: readonly [string, string] | undefined) =>
  range === undefined ? {} : { skRange: range };
