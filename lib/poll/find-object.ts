import { findByProperty } from '../vsphere/inventory/find-by-property.ts';
import { decodeName } from '../vsphere/inventory/names.ts';
import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { PollError } from './errors.ts';
import type { PollRequest, PollSession } from './method.ts';
import type { Subject } from './subject.ts';

export interface ObjectQuery {
  readonly subject: Pick<Subject, 'type' | 'namedBy'>;
  readonly name: string;
  /** What is wanted of it. */
  readonly paths: readonly string[];
}

/** The first object of the type, in the order of the inventory, that has this name, with what can be read of `paths`. */
export async function findObject(
  session: PollSession,
  { subject: { type, namedBy }, name, paths }: ObjectQuery,
  { signal }: { signal: AbortSignal },
): Promise<RetrievedObject | undefined> {
  const text = namedBy === 'name' ? decodeName(name) : name;
  const found = await findByProperty(session, { type, path: namedBy, text }, { signal });
  if (found === undefined || paths.length === 0) return found;
  const { moref } = found;
  for await (const object of retrieveObjects(
    session,
    { type: moref.type, morefs: [moref.value], paths },
    { signal },
  )) {
    return object;
  }
  return undefined;
}

/** The object that a request names. Throws PollError, in vPoller's words, when there is none. */
export async function requireObject(
  session: PollSession,
  request: PollRequest,
  {
    subject,
    paths,
    notFound = 'Cannot find object',
  }: { subject: ObjectQuery['subject']; paths: readonly string[]; notFound?: string },
  { signal }: { signal: AbortSignal },
): Promise<RetrievedObject> {
  const { name } = request;
  const object =
    name === undefined ? undefined : await findObject(session, { subject, name, paths }, { signal });
  if (object !== undefined) return object;
  // As Python prints a name that is null.
  throw new PollError(`${notFound} ${name ?? 'None'}`, { code: 'not-found' });
}
