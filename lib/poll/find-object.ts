import { decodeName } from '../vsphere/inventory/names.ts';
import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import { retrieveByView } from '../vsphere/property/retrieve-by-view.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { textOf } from '../vsphere/property/value-fields.ts';
import { PollError } from './errors.ts';
import type { PollRequest, PollSession } from './method.ts';
import type { Inventory, NamedObject } from './name-map.ts';
import type { Subject } from './subject.ts';

export interface ObjectQuery {
  readonly subject: Pick<Subject, 'type' | 'namedBy'>;
  /** `a/b` as well as `a%2fb`, as vSphere writes it. */
  readonly name: string;
  /** What is wanted of it. */
  readonly paths: readonly string[];
}

/**
 * The first object of the type, in the order of the inventory, that has this name, with the property that names it and
 * what can be read of `paths`. One call to vCenter, as long as the names that this session has seen still hold.
 */
export async function findObject(
  session: PollSession,
  query: ObjectQuery,
  { signal }: { signal: AbortSignal },
): Promise<RetrievedObject | undefined> {
  const { name, subject } = query;
  const wanted = subject.namedBy === 'name' ? decodeName(name) : name;
  const map = session.names(subject.type, subject.namedBy);
  return await map.find(wanted, toInventory(session, query), { signal });
}

// vCenter's search index is no help: it knows DNS names, addresses and paths, and none of them is `name`.
function toInventory(
  session: PollSession,
  { subject: { type, namedBy }, paths }: ObjectQuery,
): Inventory<RetrievedObject> {
  const nameOf = ({ properties }: RetrievedObject) => {
    const text = textOf(properties.get(namedBy));
    return text !== undefined && namedBy === 'name' ? decodeName(text) : text;
  };
  return {
    async list(options) {
      const objects: NamedObject[] = [];
      for await (const object of retrieveByView(session, [{ type, paths: [namedBy] }], options)) {
        const name = nameOf(object);
        if (name !== undefined) objects.push({ moref: object.moref, name });
      }
      return objects;
    },
    async read(moref, options) {
      const spec = { type: moref.type, morefs: [moref.value], paths: [...new Set([namedBy, ...paths])] };
      let found: RetrievedObject | undefined;
      // To its end: a reply of which something is left unread costs its connection, and the next poll a handshake.
      for await (const object of retrieveObjects(session, spec, options)) found = object;
      return found && { name: nameOf(found), found };
    },
  };
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
