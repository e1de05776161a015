import { callForRequiredValue } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';
import { toMoRef } from './property-value.ts';
import { type PropertySpec, type RetrievalSession, retrievePages } from './retrieval.ts';
import type { MoRef, RetrievedObject } from './retrieved-object.ts';

/**
 * Every object below the root folder that is of a type of `specs` or of its subtypes, while the reply streams: one
 * view and one paged retrieval, however many there are. The view is destroyed at the end, also when left early.
 */
export async function* retrieveByView(
  session: RetrievalSession,
  specs: readonly PropertySpec[],
  { signal }: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const view = await createView(session, { types: specs.map(({ type }) => type), signal });
  try {
    yield* retrievePages(session, { specs, objectSet: membersOf(view) }, { signal });
  } finally {
    // Once the work was cancelled, the view goes with the session.
    if (!signal.aborted) await session.tidyUp(methodCall('DestroyView', view));
  }
}

async function createView(
  { content, transport }: RetrievalSession,
  { types, signal }: { types: readonly string[]; signal: AbortSignal },
): Promise<MoRef> {
  const parameters =
    reference('container', content.rootFolder) +
    types.map((type) => textElement('type', type)).join('') +
    textElement('recursive', 'true');
  const call = methodCall('CreateContainerView', content.viewManager, parameters);
  return toMoRef(await callForRequiredValue(transport, call, { signal }));
}

/** What the view holds, but not the view itself. */
function membersOf(view: MoRef): string {
  return (
    `<objectSet>${reference('obj', view)}<skip>true</skip>` +
    '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>' +
    '</objectSet>'
  );
}
