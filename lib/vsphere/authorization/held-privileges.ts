import { VsphereReplyError } from '../errors.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import { fieldOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';
import { callForValues } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';

/**
 * Those of some privileges that the session's account holds on the root folder: AuthorizationManager.HasPrivilegeOnEntities with the
 * key of the own session, since vSphere API 5.5; takes System.Read on the folder
 * (https://developer.broadcom.com/xapis/virtual-infrastructure-json-api/latest/data-structures/HasPrivilegeOnEntitiesRequestType).
 * Throws VsphereFaultError, VsphereUnsupportedError where there is no such manager, or VsphereReplyError.
 */
export async function readHeldPrivileges(
  session: RetrievalSession,
  privileges: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const { content, transport } = session;
  const manager = requireManager(content, 'authorizationManager');
  const current = await retrieveProperty(session, content.sessionManager, 'currentSession', { signal });
  const key = textOf(fieldOf(current, 'key'));
  if (key === undefined)
    throw new VsphereReplyError('the own session came without its key', { code: 'malformed' });
  const call = methodCall(
    'HasPrivilegeOnEntities',
    manager,
    reference('entity', content.rootFolder) +
      textElement('sessionId', key) +
      privileges.map((id) => textElement('privId', id)).join(''),
  );
  const entities = await callForValues(transport, call, { signal });
  const held = entities
    .flatMap(({ children }) => children)
    .filter(({ name }) => name === 'privAvailability')
    .map((one) => (name: string) => one.children.find((child) => child.name === name)?.text)
    .filter((field) => field('isGranted') === 'true')
    .map((field) => field('privId') ?? '');
  return new Set(held);
}
