import { isInvalidProperty } from '../errors.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveByView } from '../property/retrieve-by-view.ts';
import type { RetrievedObject } from '../property/retrieved-object.ts';
import { runningOf, SERVICES_PATH, SSH_SERVICE } from './host-services.ts';
import {
  HOST_PATHS,
  type HostListing,
  MANAGEMENT_PATH,
  SSH_RUNNING_PATH,
  toHostListing,
} from './listed-host.ts';

export type { HostListing, ListedHost } from './listed-host.ts';

/** What is asked for beside what every listing has; each makes the answer larger. */
export interface HostListQuery {
  /** The addresses of the management interfaces: several times the size of all the rest. */
  readonly managementAddress: boolean;
  /** Whether the ssh service of each host runs. */
  readonly sshService?: boolean;
}

/**
 * Every host below the root folder, with what stands above it up to the datacenter. A server that takes no path with
 * a key is asked once more, for the services of all hosts, of which one boolean a host is kept as they come.
 */
export async function listHosts(
  session: RetrievalSession,
  { managementAddress, sshService = false }: HostListQuery,
  options: { signal: AbortSignal },
): Promise<HostListing> {
  const paths = managementAddress ? [...HOST_PATHS, MANAGEMENT_PATH] : HOST_PATHS;
  if (!sshService) return toHostListing(await retrieveHosts(session, paths, options));
  try {
    return toHostListing(await retrieveHosts(session, [...paths, SSH_RUNNING_PATH], options));
  } catch (error) {
    if (!isInvalidProperty(error)) throw error;
    return toHostListing(await retrieveHosts(session, [...paths, SERVICES_PATH], options));
  }
}

async function retrieveHosts(
  session: RetrievalSession,
  paths: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<RetrievedObject[]> {
  const specs = [
    { type: 'HostSystem', paths },
    { type: 'ComputeResource', paths: ['name', 'parent'] },
    { type: 'Folder', paths: ['parent'] },
    { type: 'Datacenter', paths: ['name', 'parent'] },
  ];
  const objects: RetrievedObject[] = [];
  for await (const object of retrieveByView(session, specs, { signal })) objects.push(withSshOnly(object));
  return objects;
}

/** Of all services the one boolean; without it an object would hold 30 services until all hosts are there. */
function withSshOnly(object: RetrievedObject): RetrievedObject {
  const services = object.properties.get(SERVICES_PATH);
  if (services === undefined) return object;
  const properties = new Map(object.properties);
  properties.delete(SERVICES_PATH);
  const running = runningOf(services, SSH_SERVICE);
  if (running !== undefined) properties.set(SSH_RUNNING_PATH, running);
  return { ...object, properties };
}
