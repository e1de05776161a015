import { applyChange, type Change, type Condition, holds } from '../../../lib/state/conditions.ts';
import type { Item, ItemKey } from '../../../lib/state/item.ts';
import type { Table } from '../../../lib/state/port.ts';

/** The table in a Map. Each call is done at once, as one; it keeps the contract of the others (test/unit/state). */
export function createMemoryTable(): Table {
  const items = new Map<string, Item>();
  const idOf = ({ pk, sk }: ItemKey) => JSON.stringify([pk, sk]);
  const there = (key: ItemKey) => items.get(idOf(key));
  const put = (item: Item) => void items.set(idOf(item), structuredClone({ ...item }));
  const change = (key: ItemKey, by: Change): Item => {
    const item = applyChange(there(key) ?? { pk: key.pk, sk: key.sk }, by);
    put(item);
    return structuredClone(item);
  };
  const isAllowed = (condition: Condition, key: ItemKey) => holds(condition, there(key));
  return endingWithSignal({
    generation: 0,
    get: async (key) => structuredClone(there(key)),
    getAll: async (keys) => structuredClone(keys.map(there).filter((item) => item !== undefined)),
    query: async ({ pk, skPrefix = '', skRange: [from, to] = ['', undefined], only }) =>
      [...items.values()]
        .filter((item) => item.pk === pk && item.sk.startsWith(skPrefix))
        .filter(({ sk }) => compareBytes(sk, from) >= 0 && (to === undefined || compareBytes(sk, to) <= 0))
        .toSorted((one, other) => compareBytes(one.sk, other.sk))
        .map((item) => structuredClone(only === undefined ? item : pick(item, only))),
    async replace(item) {
      const old = there(item);
      put(item);
      return old;
    },
    async putIf(condition, item) {
      if (!isAllowed(condition, item)) return false;
      put(item);
      return true;
    },
    update: async (key, by) => change(key, by),
    updateIf: async (condition, key, by) => (isAllowed(condition, key) ? change(key, by) : undefined),
    async deleteIf(condition, key) {
      if (!isAllowed(condition, key)) return false;
      items.delete(idOf(key));
      return true;
    },
    async writeAll(writes) {
      for (const write of writes) {
        if ('put' in write) put(write.put);
        else items.delete(idOf(write.delete));
      }
    },
  });
}

/** Each call rejects with the reason of a signal that has aborted. */
const endingWithSignal = (table: Table): Table =>
  new Proxy(table, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      return async (...args: unknown[]): Promise<unknown> => {
        (args.at(-1) as { signal: AbortSignal }).signal.throwIfAborted();
        return await call.apply(target, args);
      };
    },
  });

const compareBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

const pick = (item: Item, names: readonly string[]) =>
  Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))) as Item;
