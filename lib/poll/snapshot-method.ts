import { toSnapshotTrees, walkSnapshots } from '../vsphere/snapshot/snapshot-tree.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { printPythonTime } from './python-text.ts';
import { readableValue } from './readable-value.ts';
import type { Subject } from './subject.ts';

const PATH = 'snapshot.rootSnapshotList';

export function snapshotMethod(subject: Subject): PollMethod {
  return {
    name: 'vm.snapshot.get',
    summary: 'all snapshots of one VirtualMachine, each before its children',
    requiredKeys: ['name'],
    successMessage: 'Successfully retrieved snapshots',
    async run(session, request, { signal }) {
      const notFound = 'Cannot find object:';
      const machine = await requireObject(session, request, { subject, paths: [PATH], notFound }, { signal });
      const snapshots = [...walkSnapshots(toSnapshotTrees(readableValue(machine, PATH)))];
      if (snapshots.length === 0) {
        throw new PollError(`No snapshots found for: ${request.name}`, { code: 'not-found' });
      }
      return snapshots.map(({ createTime, description, id, name, quiesced, state }) => ({
        createTime: printPythonTime(createTime),
        description,
        id,
        name,
        // As Python prints a boolean.
        quiesced: quiesced ? 'True' : 'False',
        state,
      }));
    },
  };
}
