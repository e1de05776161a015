import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import { vsanSystemOf } from './host-object.ts';
import { textOf } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

/** QueryHostStatus: asked of the host, so a host that vCenter has lost cannot answer. */
export function queryHostStatus(request: XmlElement, hosts: readonly DemoVcenterHost[]): string {
  const host = hosts.find((one) => vsanSystemOf(one).value === textOf(request, '_this'));
  if (host === undefined) throw new DemoFault('ManagedObjectNotFound', 'The vSAN system is gone.');
  if (host.connectionState !== 'connected') {
    throw new DemoFault(
      'HostNotConnected',
      'Unable to communicate with the remote host, since it is disconnected.',
    );
  }
  const { vsanHealth = 'healthy', cluster, moref } = host;
  return (
    `<returnval>${textElement('uuid', `vsan-${cluster}`)}${textElement('nodeUuid', `vsan-${moref}`)}` +
    `${textElement('health', vsanHealth)}<nodeState><state>agent</state></nodeState>` +
    `${textElement('memberUuid', `vsan-${moref}`)}</returnval>`
  );
}
