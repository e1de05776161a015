import { HOST_PATHS, type HostListing, MANAGEMENT_PATH, toHostListing } from './listed-host.ts';
import { toMoRef } from './property-value.ts';
import { type PropertySpec, type RetrievalSession, retrievePages } from './retrieval.ts';
import type { MoRef, RetrievedObject } from './retrieved-object.ts';
import { callForRequiredValue } from './soap-reply.ts';
import { methodCall, reference, textElement } from './soap-request.ts';

export type { HostListing, ListedHost } from './listed-host.ts';

/** Hosts, and what stands above them up to the datacenter. Subtypes are included. */
const VIEWED_TYPES = ['HostSystem', 'ComputeResource', 'Folder', 'Datacenter'] as const;

/**
 * Every host below the root folder, by one view and one paged retrieval. `managementAddress` asks for the addresses
 * of the management interfaces too, which makes the answer several times larger.
 */
export async function listHosts(
  session: RetrievalSession,
  { managementAddress }: { managementAddress: boolean },
  { signal }: { signal: AbortSignal },
): Promise<HostListing> {
  const view = await createView(session, { signal });
  try {
    const specs: PropertySpec[] = [
      { type: 'HostSystem', paths: managementAddress ? [...HOST_PATHS, MANAGEMENT_PATH] : HOST_PATHS },
      { type: 'ComputeResource', paths: ['name', 'parent'] },
      { type: 'Folder', paths: ['parent'] },
      { type: 'Datacenter', paths: ['name', 'parent'] },
    ];
    const objects: RetrievedObject[] = [];
    for await (const object of retrievePages(session, { specs, objectSet: membersOf(view) }, { signal })) {
      objects.push(object);
    }
    return toHostListing(objects);
  } finally {
    // Once the work was cancelled, the view goes with the session.
    if (!signal.aborted) await session.tidyUp(methodCall('DestroyView', view));
  }
}

async function createView(
  { content, transport }: RetrievalSession,
  options: { signal: AbortSignal },
): Promise<MoRef> {
  const parameters =
    reference('container', content.rootFolder) +
    VIEWED_TYPES.map((type) => textElement('type', type)).join('') +
    textElement('recursive', 'true');
  const call = methodCall('CreateContainerView', content.viewManager, parameters);
  return toMoRef(await callForRequiredValue(transport, call, options));
}

/** What the view holds, but not the view itself. */
function membersOf(view: MoRef): string {
  return (
    `<objectSet>${reference('obj', view)}<skip>true</skip>` +
    '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>' +
    '</objectSet>'
  );
}
