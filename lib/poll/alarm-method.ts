import { toAlarmStates } from '../vsphere/alarm/alarm-state.ts';
import { nameAlarms } from '../vsphere/alarm/triggered-alarms.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { printPythonTime } from './python-text.ts';
import { readableValue } from './readable-value.ts';
import type { Subject } from './subject.ts';

const PATH = 'triggeredAlarmState';

/** A method that answers the alarms of one object and of the objects below it. */
export function alarmMethod(subject: Subject): PollMethod {
  return {
    name: `${subject.prefix}.alarm.get`,
    summary: `the triggered alarms of one ${subject.type} and of the objects below it`,
    requiredKeys: ['name'],
    successMessage: 'Successfully retrieved alarms',
    async run(session, request, { signal }) {
      const object = await requireObject(session, request, { subject, paths: [PATH] }, { signal });
      const states = toAlarmStates(readableValue(object, PATH));
      return (await nameAlarms(session, states, { signal })).map((alarm) => ({
        key: alarm.key,
        info: alarm.alarmName ?? null,
        time: printPythonTime(alarm.time),
        entity: alarm.entityName ?? null,
        acknowledged: alarm.acknowledged ?? null,
        overallStatus: alarm.overallStatus,
        acknowledgedByUser: alarm.acknowledgedByUser ?? null,
      }));
    },
  };
}
