import { VsphereFaultError } from '../errors.ts';
import { type RetrievalSession, retrieveObjects } from './retrieval.ts';
import type { MoRef, PropertyValue } from './retrieved-object.ts';

/**
 * One property of one object; undefined when it is unset. Throws VsphereFaultError: `ManagedObjectNotFound` when the
 * object is gone, else why the property could not be read, such as `NoPermission`.
 */
export async function retrieveProperty(
  session: RetrievalSession,
  { type, value }: MoRef,
  path: string,
  { signal }: { signal: AbortSignal },
): Promise<PropertyValue | undefined> {
  const origin = `${path} of ${type}:${value}`;
  for await (const { properties, missing } of retrieveObjects(
    session,
    { type, morefs: [value], paths: [path] },
    { signal },
  )) {
    const fault = missing.get(path);
    if (fault === undefined) return properties.get(path);
    throw new VsphereFaultError(origin, { fault, text: 'it cannot be read' });
  }
  throw new VsphereFaultError(origin, { fault: 'ManagedObjectNotFound', text: 'the object is gone' });
}
