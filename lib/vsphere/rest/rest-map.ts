import * as z from 'zod';

/** Identifiers of services, jobs and the like, which are texts without a form. */
const key = z.string().min(1).max(256);

/**
 * A map in either form of the API: `/api` has an object, `/rest` a list of `{ key, value }` (vSphere Automation API,
 * "List of {"key": string, "value": info}"). At most `most` entries, which are counted before they are looked at: each
 * wrong one would be an issue of its own. Of equal keys the last counts.
 */
export function restMap<Value>(value: z.ZodType<Value>, most: number): z.ZodType<ReadonlyMap<string, Value>> {
  const list = z
    .array(z.object({ key, value }))
    .max(most)
    .transform((entries) => new Map(entries.map((one) => [one.key, one.value])));
  const object = z
    .custom<object>((raw) => typeof raw === 'object' && raw !== null && Object.keys(raw).length <= most)
    .pipe(z.record(key, value))
    .transform((entries) => new Map(Object.entries(entries)));
  return z.union([list, object]);
}

/** A point in time as vSphere writes it, in milliseconds since the epoch. */
export const restTime: z.ZodType<number> = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text));
