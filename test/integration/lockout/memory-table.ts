import { applyChange, type Change, type Condition, holds } from '../../../lib/state/conditions.ts';
import type { Item, ItemKey } from '../../../lib/state/item.ts';
import type { Table } from '../../../lib/state/port.ts';

/** The table in a Map. Each call is done at once, as one. */
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
  return {
    get: async (key) => structuredClone(there(key)),
    getAll: async (keys) => structuredClone(keys.map(there).filter((item) => item !== undefined)),
    query: async ({ pk, skPrefix = '', skRange: [from, to] = ['', undefined] }) =>
      structuredClone(
        [...items.values()]
          .filter((item) => item.pk === pk && item.sk.startsWith(skPrefix))
          .filter(({ sk }) => sk >= from && (to === undefined || sk <= to)),
      ),
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
  };
}
