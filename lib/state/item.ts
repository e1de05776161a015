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
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${issue.message}`);
  throw malformedItem(item, faults.join('; '));
}

export function malformedItem({ pk, sk }: ItemKey, why: string): StateError {
  return new StateError(
    `The item pk="${pk}" sk="${sk}" of the state table is not what this vsweep writes: ${why}. ` +
      'It was written by another version or by hand: correct it or delete it.',
    { code: 'malformed' },
  );
}

/** Joins parts to one key so that different parts never give the same key. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('#', '%23')).join('#');
}
