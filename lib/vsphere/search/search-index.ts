import type { RetrievalSession } from '../property/retrieval.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { requireManager } from '../service-content.ts';
import { toMoRef } from '../soap/moref.ts';
import { callForValue } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';

/** Where and what to look for: virtual machines, or hosts; everywhere, or in one datacenter. */
export interface SearchScope {
  readonly kind: 'VirtualMachine' | 'HostSystem';
  readonly datacenter?: MoRef;
}

type Options = { readonly signal: AbortSignal };

/** A host by its own host name, a virtual machine by the one that its guest tools report. */
export function findByDnsName(
  session: RetrievalSession,
  dnsName: string,
  scope: SearchScope,
  options: Options,
): Promise<MoRef | undefined> {
  return find(session, 'FindByDnsName', inScope(scope, textElement('dnsName', dnsName)), options);
}

/** A host by the address of a management interface, a virtual machine by one that its guest tools report. */
export function findByIp(
  session: RetrievalSession,
  ip: string,
  scope: SearchScope,
  options: Options,
): Promise<MoRef | undefined> {
  return find(session, 'FindByIp', inScope(scope, textElement('ip', ip)), options);
}

/** By the BIOS UUID, or with `instanceUuid` by the one that vCenter gave to a virtual machine. */
export function findByUuid(
  session: RetrievalSession,
  uuid: string,
  { instanceUuid = false, ...scope }: SearchScope & { readonly instanceUuid?: boolean },
  options: Options,
): Promise<MoRef | undefined> {
  const parameters =
    inScope(scope, textElement('uuid', uuid)) + textElement('instanceUuid', String(instanceUuid));
  return find(session, 'FindByUuid', parameters, options);
}

/**
 * By the names on the way from the root folder, as `My Datacenter/vm/web/web01`: each as vSphere writes it, with
 * `%2f` for a `/` in it.
 */
export function findByInventoryPath(
  session: RetrievalSession,
  inventoryPath: string,
  options: Options,
): Promise<MoRef | undefined> {
  return find(session, 'FindByInventoryPath', textElement('inventoryPath', inventoryPath), options);
}

/** What stands directly below a datacenter, a folder, a compute resource, a resource pool or a vApp. */
export function findChild(
  session: RetrievalSession,
  { entity, name }: { entity: MoRef; name: string },
  options: Options,
): Promise<MoRef | undefined> {
  return find(session, 'FindChild', reference('entity', entity) + textElement('name', name), options);
}

async function find(
  { content, transport }: RetrievalSession,
  operation: string,
  parameters: string,
  { signal }: Options,
): Promise<MoRef | undefined> {
  const call = methodCall(operation, requireManager(content, 'searchIndex'), parameters);
  const found = await callForValue(transport, call, { signal });
  return found === undefined || found.text === '' ? undefined : toMoRef(found);
}

/** In the order of the WSDL. */
function inScope({ kind, datacenter }: SearchScope, what: string): string {
  const where = datacenter === undefined ? '' : reference('datacenter', datacenter);
  return where + what + textElement('vmSearch', String(kind === 'VirtualMachine'));
}
