import { readNames } from '../inventory/names.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import type { AlarmState } from './alarm-state.ts';

/** An alarm with the names that its state only refers to, as vSphere writes them. */
export interface TriggeredAlarm extends AlarmState {
  /** Undefined when the account may not read the alarm, or when it is gone by now. */
  readonly alarmName: string | undefined;
  readonly entityName: string | undefined;
}

/** Reads the names of alarms and entities: one call for all alarms, and one for each type of entity. */
export async function nameAlarms(
  session: RetrievalSession,
  states: readonly AlarmState[],
  { signal }: { signal: AbortSignal },
): Promise<readonly TriggeredAlarm[]> {
  const alarms = states.map(({ alarm }) => alarm);
  const alarmNames = await readNames(session, { morefs: alarms, path: 'info.name' }, { signal });
  const entities = states.map(({ entity }) => entity);
  const entityNames = await readNames(session, { morefs: entities }, { signal });
  return states.map((state) => ({
    ...state,
    alarmName: alarmNames.get(state.alarm.value),
    entityName: entityNames.get(state.entity.value),
  }));
}
