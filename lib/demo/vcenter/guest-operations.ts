import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoEstate } from './estate.ts';
import { childOf, textOf } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

/** ListProcessesInGuest, with vSphere's checks in its order: the machine runs, its tools run, the account is right. */
export function listProcessesInGuest(request: XmlElement, { virtualMachines }: DemoEstate): string {
  const vm = virtualMachines.find(({ moref }) => moref === textOf(request, 'vm'));
  if (vm === undefined) throw new DemoFault('ManagedObjectNotFound', 'The virtual machine is gone.');
  if (vm.powerState !== 'poweredOn') throw new DemoFault('InvalidPowerState', 'It is not powered on.');
  if (vm.guest === undefined) {
    throw new DemoFault('GuestOperationsUnavailable', 'The guest operations agent could not be contacted.');
  }
  const { account, processes } = vm.guest;
  const auth = childOf(request, 'auth');
  if (
    auth?.type !== 'NamePasswordAuthentication' ||
    textOf(auth, 'username') !== account.username ||
    textOf(auth, 'password') !== account.password
  ) {
    throw new DemoFault('InvalidGuestLogin', 'Failed to authenticate with the guest operating system.');
  }
  return processes
    .map(
      ({ pid, owner, cmdLine }) =>
        `<returnval>${textElement('name', cmdLine.split(' ')[0] ?? '')}${textElement('pid', String(pid))}` +
        `${textElement('owner', owner)}${textElement('cmdLine', cmdLine)}` +
        '<startTime>2026-01-01T00:00:00Z</startTime></returnval>',
    )
    .join('');
}
