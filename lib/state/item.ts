import type * as z from 'zod';
import { StateError } from './errors.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export type Item = ItemKey & Readonly<Record<string, unknown>>;

/** Checks an item that was read. Throws StateError `malformed`. */
export function parseItem<T>(schema: z.ZodType<T>, item: Item): T {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const faults = issues
    .slice(0, MAX_FAULTS)
    .map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`);
  const more = issues.length > MAX_FAULTS ? `; and ${issues.length - MAX_FAULTS} more` : '';
  throw malformedItem(item, `${faults.join('; ')}${more}`);
}

/** Told of one item: a list of ten thousand hosts can have a fault in each. */
const MAX_FAULTS = 3;

/** Called with each item that is not what this vsweep writes, which is then left out. */
export interface MalformedItems {
  readonly onMalformed?: (sk: string, error: StateError) => void;
}

/** The items, parsed; the malformed ones are left out where somebody is told of them, else the first one throws. */
export function parseItems<T>(
  items: readonly Item[],
  parse: (item: Item) => T,
  { onMalformed }: MalformedItems,
): (readonly [string, T])[] {
  return items.flatMap((item) => {
    try {
      return [[item.sk, parse(item)] as const];
    } catch (error) {
      if (onMalformed === undefined || !(error instanceof StateError) || error.code !== 'malformed')
        throw error;
      onMalformed(item.sk, error);
      return [];
    }
  });
}

export function malformedItem({ pk, sk }: ItemKey, why: string): StateError {
  return new StateError(
    `The item pk="${pk}" sk="${sk}" of the state table is invalid: ${why}. ` +
      'Another version of vsweep or a person wrote it: correct it or delete it.',
    { code: 'malformed' },
  );
}

/** Joins parts to one key so that different parts never give the same key. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('#', '%23')).join('#');
}
