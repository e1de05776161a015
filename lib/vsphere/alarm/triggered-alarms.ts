import { readNames } from '../inventory/names.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { type AlarmState, toAlarmStates } from './alarm-state.ts';

/** An alarm with the names that its state only refers to. */
export interface TriggeredAlarm extends AlarmState {
  /** Undefined when the account may not read the alarm, or when it is gone by now. */
  readonly alarmName: string | undefined;
  readonly entityName: string | undefined;
}

/**
 * The alarms of an entity and of everything below it, so those of a whole vCenter from its root folder. The names
 * come together: one call for those of all alarms, and one for each type of entity.
 */
export async function readTriggeredAlarms(
  session: RetrievalSession,
  entity: MoRef,
  { signal }: { signal: AbortSignal },
): Promise<readonly TriggeredAlarm[]> {
  const states = toAlarmStates(await retrieveProperty(session, entity, 'triggeredAlarmState', { signal }));
  const alarms = states.map(({ alarm }) => alarm);
  const alarmNames = await readNames(session, { morefs: alarms, path: 'info.name' }, { signal });
  const entities = states.map((state) => state.entity);
  const entityNames = await readNames(session, { morefs: entities }, { signal });
  return states.map((state) => ({
    ...state,
    alarmName: alarmNames.get(state.alarm.value),
    entityName: entityNames.get(state.entity.value),
  }));
}
