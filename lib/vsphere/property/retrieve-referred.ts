import { NO_PERMISSION, VsphereFaultError } from '../errors.ts';
import { type RetrievalSession, retrieveObjects } from './retrieval.ts';
import type { MoRef, RetrievedObject } from './retrieved-object.ts';

/**
 * Objects that others refer to, in the order of the references, one call for each type among them. One that is gone
 * by now is left out.
 */
export async function retrieveReferred(
  session: RetrievalSession,
  { morefs, paths }: { morefs: readonly MoRef[]; paths: readonly string[] },
  { signal }: { signal: AbortSignal },
): Promise<readonly RetrievedObject[]> {
  const found = new Map<string, RetrievedObject>();
  for (const [type, ofType] of Map.groupBy(morefs, (moref) => moref.type)) {
    const values = [...new Set(ofType.map(({ value }) => value))];
    for await (const object of retrieveObjects(session, { type, morefs: values, paths }, { signal })) {
      found.set(object.moref.value, object);
    }
  }
  return morefs.flatMap(({ value }) => found.get(value) ?? []);
}

/** Throws VsphereFaultError `NoPermission` where there are objects and the account may read the property of none. */
export function refuseIfDenied(objects: readonly RetrievedObject[], path: string): void {
  if (objects.length === 0 || !objects.every(({ missing }) => missing.get(path) === NO_PERMISSION)) return;
  const fields = new Map([['privilegeId', 'System.Read']]);
  throw new VsphereFaultError(path, { fault: NO_PERMISSION, text: 'it cannot be read', fields });
}
