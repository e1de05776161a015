import type { Clock } from '../../platform/clock.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import { dateTimeSystemOf } from './host-object.ts';
import { textOf } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

/** QueryDateTime: asked of the host, so a host that vCenter has lost cannot answer. */
export function queryDateTime(
  request: XmlElement,
  { hosts, clock }: { readonly hosts: readonly DemoVcenterHost[]; readonly clock: Clock },
): string {
  const host = hosts.find((one) => dateTimeSystemOf(one).value === textOf(request, '_this'));
  if (host === undefined) throw new DemoFault('ManagedObjectNotFound', 'The date and time system is gone.');
  if (host.connectionState !== 'connected')
    throw new DemoFault('HostNotConnected', 'Unable to communicate with the remote host.');
  return textElement('returnval', new Date(clock.now() + (host.clockOffsetMs ?? 0)).toISOString());
}
