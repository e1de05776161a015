import { readHostServices, SSH_SERVICE } from '../../inventory/host-services.ts';
import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import { skipped } from '../outcome.ts';
import type { Probed } from './probe-host.ts';

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

/**
 * The plan leaves out whom the list calls stopped. A host that was stopped since, or of which the list did not say,
 * was asked: it is `ssh-disabled` when TCP never connected and the batch read that the service is stopped. A host
 * that answered in any way keeps what came of it.
 */
export function withSshDisabled(
  probed: ReadonlyMap<string, Probed>,
  stopped: ReadonlySet<string>,
): Map<string, Probed> {
  return new Map(
    Array.from(probed, ([moref, one]) => [
      moref,
      stopped.has(moref) && isUnconnected(one) ? toSkipped(one) : one,
    ]),
  );
}

const isUnconnected = ({ outcome, unconnected }: Probed): boolean =>
  unconnected === true &&
  outcome.kind === 'failed' &&
  (outcome.reason === 'connection-refused' || outcome.reason === 'timeout');

const toSkipped = ({ detail }: Probed): Probed => ({
  outcome: skipped('ssh-disabled'),
  detail: `vCenter reports that the service TSM-SSH is stopped there; ${detail}`,
});
