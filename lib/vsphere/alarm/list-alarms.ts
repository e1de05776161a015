import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveReferred } from '../property/retrieve-referred.ts';
import { textOf } from '../property/value-fields.ts';
import { toMoRef } from '../soap/moref.ts';
import { callForValues } from '../soap/soap-reply.ts';
import { methodCall } from '../soap/soap-request.ts';

/** The definition of an alarm, to which the states of alarms refer. */
export interface AlarmDefinition {
  readonly moref: string;
  /** As vSphere writes it. */
  readonly name: string;
  /** Of an alarm that vSphere defines, such as `alarm.HostErrorAlarm`; empty for one that somebody made. */
  readonly systemName: string;
}

/**
 * The definitions of all alarms that the account may see: two calls, for some hundred of them. None of a server without
 * alarms, such as an ESXi host; one without a readable name is left out.
 */
export async function listAlarms(
  session: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<readonly AlarmDefinition[]> {
  const { alarmManager } = session.content;
  if (alarmManager === undefined) return [];
  const found = await callForValues(session.transport, methodCall('GetAlarm', alarmManager), { signal });
  const morefs = found.map(toMoRef).filter(({ type }) => type === 'Alarm');
  const paths = ['info.name', 'info.systemName'];
  const objects = await retrieveReferred(session, { morefs, paths }, { signal });
  return objects.flatMap(({ moref, properties }) => {
    const [name, systemName = ''] = paths.map((path) => textOf(properties.get(path)));
    return name === undefined || name === '' ? [] : [{ moref: moref.value, name, systemName }];
  });
}
