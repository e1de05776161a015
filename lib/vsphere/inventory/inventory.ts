import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveByView } from '../property/retrieve-by-view.ts';
import type { RetrievedObject } from '../property/retrieved-object.ts';
import { HOST_PATHS, type HostListing, MANAGEMENT_PATH, toHostListing } from './listed-host.ts';

export type { HostListing, ListedHost } from './listed-host.ts';

/**
 * Every host below the root folder, with what stands above it up to the datacenter. `managementAddress` asks for the
 * addresses of the management interfaces too, which makes the answer several times larger.
 */
export async function listHosts(
  session: RetrievalSession,
  { managementAddress }: { managementAddress: boolean },
  { signal }: { signal: AbortSignal },
): Promise<HostListing> {
  const specs = [
    { type: 'HostSystem', paths: managementAddress ? [...HOST_PATHS, MANAGEMENT_PATH] : HOST_PATHS },
    { type: 'ComputeResource', paths: ['name', 'parent'] },
    { type: 'Folder', paths: ['parent'] },
    { type: 'Datacenter', paths: ['name', 'parent'] },
  ];
  const objects: RetrievedObject[] = [];
  for await (const object of retrieveByView(session, specs, { signal })) objects.push(object);
  return toHostListing(objects);
}
