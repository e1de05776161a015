import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, listOf, textOf } from '../vsphere/property/value-fields.ts';
import { pickFields } from './data-object.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { printPythonTime } from './python-text.ts';
import { readableValue } from './readable-value.ts';
import type { PollResult } from './reply.ts';
import type { Subject } from './subject.ts';

const PATH = 'snapshot.rootSnapshotList';

export function snapshotMethod(subject: Subject): PollMethod {
  return {
    name: 'vm.snapshot.get',
    summary: 'the snapshots of one VirtualMachine, of every depth, each before those on top of it',
    requiredKeys: ['name'],
    successMessage: 'Successfully retrieved snapshots',
    async run(session, request, { signal }) {
      const notFound = 'Cannot find object:';
      const machine = await requireObject(session, request, { subject, paths: [PATH], notFound }, { signal });
      const results = listOf(readableValue(machine, PATH)).flatMap(toResults);
      if (results.length > 0) return results;
      throw new PollError(`No snapshots found for: ${request.name}`, { code: 'not-found' });
    },
  };
}

/** A snapshot and those below it; the reader of the reply bounds their depth. Names as vSphere writes them. */
function toResults(tree: PropertyValue): readonly PollResult[] {
  const { description, id, name, state } = pickFields(tree, {
    type: 'VirtualMachineSnapshotTree',
    fields: ['description', 'id', 'name', 'state'],
  }) as Required<PollResult>;
  return [
    {
      createTime: printPythonTime(textOf(fieldOf(tree, 'createTime')) ?? 'None'),
      description,
      id,
      name,
      // As Python prints a boolean.
      quiesced: fieldOf(tree, 'quiesced') === true ? 'True' : 'False',
      state,
    } as PollResult,
    ...listOf(fieldOf(tree, 'childSnapshotList')).flatMap(toResults),
  ];
}
