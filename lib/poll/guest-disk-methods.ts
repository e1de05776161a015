import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { listOf } from '../vsphere/property/value-fields.ts';
import { pickFields } from './data-object.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod, PollRequest, PollSession } from './method.ts';
import { toPollResult } from './poll-result.ts';
import { readableValue } from './readable-value.ts';
import type { PollResult } from './reply.ts';
import type { Subject } from './subject.ts';

const DISCOVERED = 'Successfully discovered objects';

/** The file systems in a guest, as its VMware Tools report them; none when these do not run. */
export function guestDiskMethods(subject: Subject): readonly PollMethod[] {
  const common = { requiredKeys: ['name'], propertiesOf: 'GuestDiskInfo' };
  return [
    {
      ...common,
      name: 'vm.disk.discover',
      summary: 'the file systems in the guest of one VirtualMachine',
      successMessage: DISCOVERED,
      async run(session, request, { signal }) {
        const { machine, disks } = await readDisks(session, { subject, request }, { signal });
        return [{ ...toPollResult(machine, ['name']), disk: disks }];
      },
    },
    {
      ...common,
      name: 'vm.disk.get',
      summary: 'the file system in the guest of one VirtualMachine whose path is `key`',
      successMessage: ({ key }) => (key === undefined ? DISCOVERED : 'Successfully retrieved properties'),
      async run(session, request, { signal }) {
        const { machine, disks } = await readDisks(session, { subject, request }, { signal });
        const name = toPollResult(machine, ['name']);
        const { key } = request;
        if (key === undefined) return [{ ...name, disk: disks }];
        const disk = disks.find(({ diskPath }) => diskPath === key);
        if (disk === undefined)
          throw new PollError(`Unable to find guest disk ${key}`, { code: 'not-found' });
        return [{ ...name, disk }];
      },
    },
  ];
}

async function readDisks(
  session: PollSession,
  { subject, request }: { subject: Subject; request: PollRequest },
  { signal }: { signal: AbortSignal },
): Promise<{ machine: RetrievedObject; disks: readonly PollResult[] }> {
  const paths = ['name', 'guest.disk'];
  const machine = await requireObject(session, request, { subject, paths }, { signal });
  const fields = [...new Set(['diskPath', ...request.properties])];
  const disks = listOf(readableValue(machine, 'guest.disk')).map((disk) =>
    pickFields(disk, { type: 'GuestDiskInfo', fields }),
  );
  return { machine, disks };
}
