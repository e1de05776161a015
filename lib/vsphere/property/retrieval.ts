import type { PropertySpec, TraversalSpec } from './filter-spec.ts';
import { retrieveFrom } from './retrieve-from.ts';
import type { RetrievalSession } from './retrieve-pages.ts';
import type { RetrievedObject } from './retrieved-object.ts';

export type { RetrievalSession } from './retrieve-pages.ts';

export interface RetrievalRequest extends PropertySpec {
  /** Values of the references of objects of that type. */
  readonly morefs: readonly string[];
}

/**
 * The named objects with the named properties, while the reply streams. An object that no longer exists is not
 * delivered. Leaving early frees what vCenter keeps for the rest.
 */
export async function* retrieveObjects(
  session: RetrievalSession,
  { type, morefs, paths }: RetrievalRequest,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const starts = morefs.map((value) => ({ obj: { type, value } }));
  yield* retrieveFrom(session, { specs: [{ type, paths }], starts }, { signal });
}

export interface TraversalRequest {
  readonly type: string;
  /** Values of the references of objects of that type, which are only passed through. */
  readonly morefs: readonly string[];
  /** The steps from there. */
  readonly steps: readonly TraversalSpec[];
  /** What to read of the objects that the steps lead to. */
  readonly specs: readonly PropertySpec[];
}

/**
 * What the steps lead to from the named objects, such as the service system of every host, otherwise like
 * `retrieveObjects`.
 * @internal nothing that vsweep collects takes a step yet.
 */
export async function* retrieveByTraversal(
  session: RetrievalSession,
  { type, morefs, steps, specs }: TraversalRequest,
  options: { signal: AbortSignal; maxElements?: number },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const starts = morefs.map((value) => ({ obj: { type, value }, skip: true, selectSet: steps }));
  yield* retrieveFrom(session, { specs, starts }, options);
}
