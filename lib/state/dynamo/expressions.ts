import type { Change, Condition } from '../conditions.ts';

/** Collects names and values under placeholders; condition and change of one request share it. */
export interface Placeholders {
  /** The placeholders of a path: `#a.#b`. */
  name(path: string): string;
  value(value: unknown): string;
  /** As the request takes them: DynamoDB refuses an empty map. */
  attributes(): {
    ExpressionAttributeNames: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  };
}

export function createPlaceholders(): Placeholders {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  return {
    name: (path) =>
      path
        .split('.')
        .map((part) => {
          names[`#${part}`] = part;
          return `#${part}`;
        })
        .join('.'),
    value(value) {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = value;
      return placeholder;
    },
    attributes: () => ({
      ExpressionAttributeNames: names,
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    }),
  };
}

/** DynamoDB's words for a condition. */
export function printCondition(condition: Condition, placeholders: Placeholders): string {
  const { name, value } = placeholders;
  // DynamoDB refuses brackets that are not needed.
  const join = (parts: readonly Condition[], word: string) =>
    parts.length === 1
      ? parts.map((part) => printCondition(part, placeholders)).join('')
      : parts.map((part) => `(${printCondition(part, placeholders)})`).join(` ${word} `);
  if ('all' in condition) return join(condition.all, 'AND');
  if ('any' in condition) return join(condition.any, 'OR');
  if ('absent' in condition) return `attribute_not_exists(${name(condition.absent)})`;
  if ('present' in condition) return `attribute_exists(${name(condition.present)})`;
  if ('equals' in condition) return `${name(condition.equals[0])} = ${value(condition.equals[1])}`;
  if ('differs' in condition) {
    const path = name(condition.differs[0]);
    return `attribute_not_exists(${path}) OR ${path} <> ${value(condition.differs[1])}`;
  }
  if ('atMost' in condition) return `${name(condition.atMost[0])} <= ${value(condition.atMost[1])}`;
  if ('atLeast' in condition) return `${name(condition.atLeast[0])} >= ${value(condition.atLeast[1])}`;
  if ('noText' in condition) return `NOT attribute_type(${name(condition.noText)}, ${value('S')})`;
  const [path, element] = condition.lacks;
  // Of a text, `contains` looks for a part.
  return `NOT (attribute_type(${name(path)}, ${value('L')}) AND contains(${name(path)}, ${value(element)}))`;
}

/** DynamoDB's words for a change. */
export function printChange(change: Change, { name, value }: Placeholders): string {
  const { set = {}, copy = {}, append = {}, add = {}, remove = [] } = change;
  const assignments = [
    ...Object.entries(set)
      .filter(([, content]) => content !== undefined)
      .map(([key, content]) => `${name(key)} = ${value(content)}`),
    ...Object.entries(copy).map(
      ([key, { from, otherwise }]) => `${name(key)} = if_not_exists(${name(from)}, ${value(otherwise)})`,
    ),
    ...Object.entries(append).map(
      ([key, more]) =>
        `${name(key)} = list_append(if_not_exists(${name(key)}, ${value([])}), ${value(more)})`,
    ),
  ];
  const additions = Object.entries(add).map(([key, by]) => `${name(key)} ${value(by)}`);
  return [
    assignments.length === 0 ? '' : `SET ${assignments.join(', ')}`,
    remove.length === 0 ? '' : `REMOVE ${remove.map(name).join(', ')}`,
    additions.length === 0 ? '' : `ADD ${additions.join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
