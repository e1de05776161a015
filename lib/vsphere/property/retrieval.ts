import { VsphereFaultError } from '../errors.ts';
import type { VsphereSession } from '../session/session.ts';
import { readUnits } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';
import type { SoapCall } from '../transport/transport.ts';
import { toRetrievedObject } from './retrieval-reply.ts';
import type { MoRef, RetrievedObject } from './retrieved-object.ts';

/** Leaf property paths to read of the objects of one type and its subtypes. */
export interface PropertySpec {
  readonly type: string;
  readonly paths: readonly string[];
}

export interface RetrievalRequest extends PropertySpec {
  /** Values of the references of objects of that type. */
  readonly morefs: readonly string[];
}

/** What a retrieval needs of a session. */
export type RetrievalSession = Pick<VsphereSession, 'content' | 'transport' | 'tidyUp'>;

/**
 * Objects in one call. vCenter refuses requests of more than 500,000 XML elements; an object costs two here, and
 * smaller calls cost less to repeat.
 */
const OBJECTS_PER_CALL = 5_000;

/**
 * The named objects with the named properties, while the reply streams. An object that no longer exists is not
 * delivered. Leaving early frees what vCenter keeps for the rest.
 */
export async function* retrieveObjects(
  session: RetrievalSession,
  { type, morefs, paths }: RetrievalRequest,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  for (let start = 0; start < morefs.length; start += OBJECTS_PER_CALL) {
    const chunk = morefs.slice(start, start + OBJECTS_PER_CALL);
    yield* retrieveExisting(session, { type, paths, morefs: chunk }, { signal });
  }
}

/**
 * Everything that the object set reaches, page by page in one session. vCenter pages as it likes, typically at 100
 * objects; the token of a page is good for one call.
 */
export async function* retrievePages(
  { content: { propertyCollector }, transport, tidyUp }: RetrievalSession,
  { specs, objectSet }: { specs: readonly PropertySpec[]; objectSet: string },
  { signal }: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const specSet = `<specSet>${specs.map(toPropSet).join('')}${objectSet}</specSet>`;
  const onCollector = (operation: string, token: string) =>
    methodCall(operation, propertyCollector, textElement('token', token));
  let call: SoapCall | undefined = methodCall(
    'RetrievePropertiesEx',
    propertyCollector,
    `${specSet}<options/>`,
  );
  let token: string | undefined;
  try {
    while (call !== undefined) {
      await using reply = await transport(call, { signal });
      for await (const unit of readUnits(reply, { operation: call.operation, depth: 4 })) {
        if (unit.name === 'token') token = unit.text;
        else if (unit.name === 'objects') yield toRetrievedObject(unit);
      }
      call = token === undefined ? undefined : onCollector('ContinueRetrievePropertiesEx', token);
      token = undefined;
    }
  } finally {
    // Once the work was cancelled, the end of the session frees the rest.
    if (token !== undefined && !signal.aborted) {
      await tidyUp(onCollector('CancelRetrievePropertiesEx', token));
    }
  }
}

/**
 * One vanished object makes vSphere refuse the whole call (ManagedObjectNotFound): what was not delivered yet is
 * asked for again in halves, until the vanished one stands alone.
 */
async function* retrieveExisting(
  session: RetrievalSession,
  { type, morefs, paths }: RetrievalRequest,
  options: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const left = new Set(morefs);
  try {
    const objectSet = morefs.map((value) => toObjectSet({ type, value })).join('');
    for await (const object of retrievePages(session, { specs: [{ type, paths }], objectSet }, options)) {
      left.delete(object.moref.value);
      yield object;
    }
    return;
  } catch (error) {
    if (!(error instanceof VsphereFaultError) || error.fault !== 'ManagedObjectNotFound') throw error;
  }
  if (morefs.length === 1) return;
  const rest = [...left];
  const middle = Math.ceil(rest.length / 2);
  for (const half of [rest.slice(0, middle), rest.slice(middle)]) {
    if (half.length > 0) yield* retrieveExisting(session, { type, paths, morefs: half }, options);
  }
}

function toPropSet({ type, paths }: PropertySpec): string {
  const pathSet = paths.map((path) => textElement('pathSet', path)).join('');
  return `<propSet>${textElement('type', type)}<all>false</all>${pathSet}</propSet>`;
}

function toObjectSet(moref: MoRef): string {
  return `<objectSet>${reference('obj', moref)}</objectSet>`;
}
