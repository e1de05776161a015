import * as z from 'zod';
import type { RestSession } from '../rest/rest-session.ts';

/** Of one answer about an appliance. A thousand finished backups are 1 MB. */
const MAX_BYTES = 4 * 1024 * 1024;

/** How all calls of an appliance go: the answer of a GET, checked. */
export async function callAppliance<T>(
  rest: RestSession,
  resource: string,
  schema: z.ZodType<T>,
  options: { signal: AbortSignal },
): Promise<T> {
  return await rest.call({ resource, maxBytes: MAX_BYTES }, schema, options);
}

/** The words of an enumeration; a newer vCenter may send others, which rows make nothing of. */
export const word = z.string().min(1).max(64);
