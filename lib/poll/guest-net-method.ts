import { listOf } from '../vsphere/property/value-fields.ts';
import { pickFields } from './data-object.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { toPollResult } from './poll-result.ts';
import { readableValue } from './readable-value.ts';
import type { Subject } from './subject.ts';

/** The network adapters in a guest, as its VMware Tools report them; none when these do not run. */
export function guestNetMethod(subject: Subject): PollMethod {
  return {
    name: 'vm.guest.net.get',
    summary: 'the network adapters in the guest of one VirtualMachine',
    requiredKeys: ['name'],
    propertiesOf: 'GuestNicInfo',
    successMessage: 'Successfully retrieved properties',
    async run(session, request, { signal }) {
      const paths = ['name', 'guest.net'];
      const machine = await requireObject(session, request, { subject, paths }, { signal });
      const fields = [...new Set(['network', ...request.properties])];
      const net = listOf(readableValue(machine, 'guest.net')).map((adapter) =>
        pickFields(adapter, { type: 'GuestNicInfo', fields }),
      );
      return { ...toPollResult(machine, ['name']), net };
    },
  };
}
