import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { booleanOf, fieldOf, listOf, moRefOf, textOf } from '../property/value-fields.ts';

/** AlarmState in the vSphere API: an alarm that is not green on an entity. */
export interface AlarmState {
  readonly key: string;
  /** What is alarmed: the entity that was asked, or one below it. */
  readonly entity: MoRef;
  readonly alarm: MoRef;
  readonly overallStatus: string;
  /** ISO 8601, as vSphere sent it. */
  readonly time: string;
  readonly acknowledged: boolean | undefined;
  readonly acknowledgedByUser: string | undefined;
}

/** A `triggeredAlarmState`. */
export function toAlarmStates(value: PropertyValue | undefined): readonly AlarmState[] {
  return listOf(value).flatMap((state) => {
    const entity = moRefOf(fieldOf(state, 'entity'));
    const alarm = moRefOf(fieldOf(state, 'alarm'));
    if (entity === undefined || alarm === undefined) return [];
    const word = (field: string) => textOf(fieldOf(state, field));
    return {
      entity,
      alarm,
      key: word('key') ?? '',
      overallStatus: word('overallStatus') ?? '',
      time: word('time') ?? '',
      acknowledged: booleanOf(fieldOf(state, 'acknowledged')),
      acknowledgedByUser: word('acknowledgedByUser'),
    };
  });
}
