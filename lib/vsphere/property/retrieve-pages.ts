import { NOT_AUTHENTICATED, VsphereFaultError, VsphereReplyError } from '../errors.ts';
import type { ServiceContent } from '../service-content.ts';
import { buildUnits } from '../soap/soap-reply.ts';
import { methodCall, textElement } from '../soap/soap-request.ts';
import type { SoapCall, Transport } from '../soap/transport.ts';
import { RetrievedObjectBuilder } from './retrieval-reply.ts';
import type { RetrievedObject } from './retrieved-object.ts';

/** What a retrieval needs of a session. */
export interface RetrievalSession {
  readonly content: ServiceContent;
  /** Retried and measured; not renewed (see `createSessionHolder`). */
  readonly transport: Transport;
  /**
   * Makes a call that cleans up: in 5 s at most or `ms`, whatever became of the work's signal; a failure is logged,
   * never thrown.
   */
  tidyUp(call: SoapCall, limit?: { readonly ms: number }): Promise<void>;
}

/**
 * Objects of one retrieval, ten times the virtual machines of the largest vCenter: what never ends would fill the
 * memory of whoever keeps what he reads. A page counts as a hundred, which ends empty ones too.
 * @internal its test is made with fewer.
 */
export const MAX_OBJECTS = 500_000;
const PAGE_COUNTS = 100;

/**
 * Everything that a filter reaches, each object when its part of the reply has come, page by page in one session.
 * vCenter pages as it likes, typically at 100 objects; the token of a page is good for one call. What came before an
 * error is delivered, and then the error; a session that ended is one, however vCenter says so. `filter` is the content of a PropertyFilterSpec.
 */
export async function* retrievePages(
  session: RetrievalSession,
  filter: string,
  { signal, maxObjects = MAX_OBJECTS }: { signal: AbortSignal; maxObjects?: number },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const { propertyCollector } = session.content;
  const onCollector = (operation: string, token: string) =>
    methodCall(operation, propertyCollector, textElement('token', token));
  const parameters = `<specSet>${filter}</specSet><options/>`;
  let call: SoapCall | undefined = methodCall('RetrievePropertiesEx', propertyCollector, parameters);
  let token: string | undefined;
  let objects = 0;
  const count = (more: number, origin: string) => {
    objects += more;
    if (objects > maxObjects) throw tooMany(origin, maxObjects);
  };
  try {
    while (call !== undefined) {
      await using reply = await session.transport(call, { signal });
      count(PAGE_COUNTS, reply.origin);
      const builder = new RetrievedObjectBuilder();
      for await (const unit of buildUnits(reply, { operation: call.operation, depth: 4, builder })) {
        if ('moref' in unit) {
          count(1, reply.origin);
          if (isOfEndedSession(unit)) throw sessionEnded(reply.origin, unit);
          yield unit;
        } else if (unit.name === 'token') token = unit.text;
      }
      // A token that was not sent is left to be freed.
      signal.throwIfAborted();
      call = token === undefined ? undefined : onCollector('ContinueRetrievePropertiesEx', token);
      token = undefined;
    }
  } finally {
    if (token !== undefined) await free(session, onCollector('CancelRetrievePropertiesEx', token), signal);
  }
}

/**
 * A session that has ended is mostly told by HTTP 200 with NotAuthenticated as the fault of every property (pyVmomi
 * issues 43 and 294, govmomi's vim25/mo/fixtures/not_authenticated_fault.xml). An object of which anything came was
 * read in a session: what is NotAuthenticated among its properties is missing like any other.
 */
function isOfEndedSession({ properties, missing }: RetrievedObject): boolean {
  return properties.size === 0 && missing.values().some((fault) => fault === NOT_AUTHENTICATED);
}

function sessionEnded(origin: string, { moref: { type, value } }: RetrievedObject): VsphereFaultError {
  const text = `the session has ended: the answer has no property of ${`${type}:${value}`.slice(0, 100)}`;
  return new VsphereFaultError(origin, { fault: NOT_AUTHENTICATED, text });
}

function tooMany(origin: string, maxObjects: number): VsphereReplyError {
  const message = `the answer to ${origin} does not end: ${maxObjects} objects came`;
  return new VsphereReplyError(message, { code: 'too-large' });
}

/** Once the work was cancelled there is little time, and the end of the session frees what is left. */
const ABORTED_MS = 1_000;

/** Frees what a retrieval holds in vCenter, also when it was aborted: the session may live on. */
export function free(session: RetrievalSession, call: SoapCall, signal: AbortSignal): Promise<void> {
  return session.tidyUp(call, signal.aborted ? { ms: ABORTED_MS } : undefined);
}
