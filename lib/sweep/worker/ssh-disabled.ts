import { readHostServices, SSH_SERVICE } from '../../inventory/host-services.ts';
import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';

/**
 * Whether vCenter says that the ssh service of a host is stopped, which is believed of a connected host only. What
 * cannot be read says nothing.
 */
export function isSshDisabled(object: RetrievedObject): boolean {
  const known = readHostServices(object);
  return (
    known.kind === 'read' &&
    known.services.some(({ key, running }) => key === SSH_SERVICE && running === false)
  );
}
