import { toMoRef } from '../soap/moref.ts';
import { callForRequiredValue } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';
import { type PropertySpec, type TraversalSpec, toObjectSet, toPropSets } from './filter-spec.ts';
import { free, type RetrievalSession, retrievePages } from './retrieve-pages.ts';
import type { MoRef, RetrievedObject } from './retrieved-object.ts';

const MEMBERS: TraversalSpec = { type: 'ContainerView', path: 'view' };

/**
 * Every object below the root folder that is of a type of `specs` or of its subtypes, while the reply streams: one
 * view and one paged retrieval, however many there are. The view is destroyed at the end, also when the retrieval is
 * left early or aborted.
 */
export async function* retrieveByView(
  session: RetrievalSession,
  specs: readonly PropertySpec[],
  { signal }: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const view = await createView(session, { types: specs.map(({ type }) => type), signal });
  try {
    const members = toObjectSet({ obj: view, skip: true, selectSet: [MEMBERS] });
    yield* retrievePages(session, toPropSets(specs) + members, { signal });
  } finally {
    await free(session, methodCall('DestroyView', view), signal);
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
