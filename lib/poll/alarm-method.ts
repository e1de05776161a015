import { toAlarmStates } from '../vsphere/alarm/alarm-state.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';
import { textOf } from '../vsphere/property/value-fields.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod, PollSession } from './method.ts';
import { retrieveReferred } from './poll-result.ts';
import { printPythonTime } from './python-text.ts';
import { readableValue } from './readable-value.ts';
import type { Subject } from './subject.ts';

const PATH = 'triggeredAlarmState';

/** A method that answers the alarms of one object and of what is below it. */
export function alarmMethod(subject: Subject): PollMethod {
  return {
    name: `${subject.prefix}.alarm.get`,
    summary: `the triggered alarms of one ${subject.type} and of what is below it`,
    requiredKeys: ['name'],
    successMessage: 'Successfully retrieved alarms',
    async run(session, request, { signal }) {
      const object = await requireObject(session, request, { subject, paths: [PATH] }, { signal });
      const states = toAlarmStates(readableValue(object, PATH));
      const alarms = await textsOf(
        session,
        { morefs: states.map((state) => state.alarm), path: 'info.name' },
        signal,
      );
      const entities = await textsOf(
        session,
        { morefs: states.map((state) => state.entity), path: 'name' },
        signal,
      );
      return states.map((state) => ({
        key: state.key,
        info: alarms.get(state.alarm.value) ?? null,
        time: printPythonTime(state.time),
        entity: entities.get(state.entity.value) ?? null,
        acknowledged: state.acknowledged ?? null,
        overallStatus: state.overallStatus,
        acknowledgedByUser: state.acknowledgedByUser ?? null,
      }));
    },
  };
}

/** As vSphere writes them, `%2f` and all, like every other name in a reply. */
async function textsOf(
  session: PollSession,
  { morefs, path }: { morefs: readonly MoRef[]; path: string },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const objects = await retrieveReferred(session, { morefs, paths: [path] }, { signal });
  return new Map(
    objects.flatMap(({ moref, properties }) => {
      const text = textOf(properties.get(path));
      return text === undefined ? [] : [[moref.value, text]];
    }),
  );
}
