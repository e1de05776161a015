import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, integerOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';

/** The fields that each Event of the vSphere API has. */
export interface VsphereEvent {
  readonly key: number;
  readonly chainId: number | undefined;
  /** ISO 8601, as vSphere sent it. */
  readonly createdTime: string;
  /** Empty for what nobody did. */
  readonly userName: string;
  /** In the language of the session. */
  readonly fullFormattedMessage: string;
}

/** What happened last on the whole endpoint; undefined when nothing did. */
export async function readLatestEvent(
  session: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<VsphereEvent | undefined> {
  const manager = requireManager(session.content, 'eventManager');
  return toVsphereEvent(await retrieveProperty(session, manager, 'latestEvent', { signal }));
}

export function toVsphereEvent(value: PropertyValue | undefined): VsphereEvent | undefined {
  const key = integerOf(fieldOf(value, 'key'));
  if (key === undefined) return undefined;
  const word = (field: string) => textOf(fieldOf(value, field)) ?? '';
  return {
    key,
    chainId: integerOf(fieldOf(value, 'chainId')),
    createdTime: word('createdTime'),
    userName: word('userName'),
    fullFormattedMessage: word('fullFormattedMessage'),
  };
}
