import type { Item, ItemKey } from '../../../lib/state/item.ts';
import type { Expression, Table } from '../../../lib/state/table.ts';

type Attributes = Record<string, unknown>;

/**
 * DynamoDB in a Map, for the expressions that the stores of accounts, credentials, host keys and leases write. What it
 * does not know it refuses. Each call is done at once, as one.
 */
export function createMemoryTable(): Table {
  const items = new Map<string, Attributes>();
  const idOf = ({ pk, sk }: ItemKey) => JSON.stringify([pk, sk]);
  const copy = <T>(value: T): T => structuredClone(value);
  const there = (key: ItemKey) => items.get(idOf(key));
  const put = (item: Item) => void items.set(idOf(item), copy({ ...item }));
  const change = (key: ItemKey, update: Expression): Item => {
    const item = applyUpdate(there(key) ?? { pk: key.pk, sk: key.sk }, update);
    items.set(idOf(key), item);
    return copy(item) as Item;
  };
  const holds = (condition: Expression, key: ItemKey) => evaluate(condition, there(key) ?? {});
  return {
    get: async (key) => copy(there(key)) as Item | undefined,
    getAll: async (keys) =>
      keys.flatMap((key) => {
        const item = there(key);
        return item === undefined ? [] : [copy(item) as Item];
      }),
    query: async ({ pk, skPrefix = '' }) =>
      [...items.values()]
        .filter((item) => item.pk === pk && String(item.sk).startsWith(skPrefix))
        .map((item) => copy(item) as Item),
    async replace(item) {
      const old = there(item);
      put(item);
      return old as Item | undefined;
    },
    async putIf(condition, item) {
      if (!holds(condition, item)) return false;
      put(item);
      return true;
    },
    update: async (key, update) => change(key, update),
    async updateIf(condition, key, update) {
      return holds({ ...update, expression: condition }, key) ? change(key, update) : undefined;
    },
    async deleteIf(condition, key) {
      if (!holds(condition, key)) return false;
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

/** `OR` binds weaker than `AND`; brackets stand around a whole operand of `AND` only. */
function evaluate({ expression, names, values = {} }: Expression, item: Attributes): boolean {
  const one = (text: string): boolean => {
    const found = /^attribute_(not_exists|exists)\((#\w+)\)$/.exec(text);
    if (found !== null)
      return (valueAt(found[2] ?? '', names, item) === undefined) === (found[1] === 'not_exists');
    const lacks = /^NOT contains\((#\w+), (:\w+)\)$/.exec(text);
    if (lacks !== null) {
      const list = valueAt(lacks[1] ?? '', names, item);
      return !(Array.isArray(list) && list.includes(values[lacks[2] as `:${string}`]));
    }
    const [, path = '', operator, against = ''] = /^(\S+) (=|<=|<>) (:\w+)$/.exec(text) ?? [];
    const is = valueAt(path, names, item);
    const other = values[against as `:${string}`];
    if (operator === '=') return is === other;
    if (operator === '<>') return is !== other;
    if (operator === '<=') return typeof is === 'number' && is <= Number(other);
    throw new RangeError(`this table does not know the condition ${text}`);
  };
  const any = (text: string): boolean => text.split(' OR ').some(one);
  return expression.split(' AND ').every((part) => any(part.replace(/^\((.*)\)$/, '$1')));
}

function applyUpdate(item: Attributes, { expression, names, values = {} }: Expression): Attributes {
  const next = structuredClone(item);
  const operand = (text: string): unknown => {
    const fallback = /^if_not_exists\((#\w+), (:\w+)\)$/.exec(text);
    if (fallback !== null) return operand(fallback[1] ?? '') ?? operand(fallback[2] ?? '');
    const appended = /^list_append\((if_not_exists\(.*?\)), (:\w+)\)$/.exec(text);
    if (appended !== null) {
      return [...(operand(appended[1] ?? '') as unknown[]), ...(operand(appended[2] ?? '') as unknown[])];
    }
    if (text.startsWith('#')) return valueAt(text, names, item);
    return structuredClone(values[text as `:${string}`]);
  };
  const nameOf = (placeholder = '') => names[placeholder as `#${string}`] ?? '';
  for (const [, verb, rest = ''] of expression.matchAll(
    /(SET|REMOVE|ADD) (.*?)(?= (?:SET|REMOVE|ADD) |$)/g,
  )) {
    if (verb === 'REMOVE') for (const name of rest.split(', ')) delete next[nameOf(name)];
    if (verb === 'ADD') {
      const [name, value = ''] = rest.split(' ');
      next[nameOf(name)] = Number(item[nameOf(name)] ?? 0) + Number(operand(value));
    }
    if (verb === 'SET') {
      for (const [, name, value = ''] of rest.matchAll(/(#\w+) = (.*?)(?=, #\w+ = |$)/g)) {
        next[nameOf(name)] = operand(value);
      }
    }
  }
  return next;
}

function valueAt(path: string, names: Expression['names'], item: Attributes): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (value as Attributes | undefined)?.[names[name as `#${string}`] ?? ''],
      item,
    );
}
