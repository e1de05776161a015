import type { KindName } from '../inventory/kind.ts';
import { KINDS } from '../inventory/kinds.ts';
import { type AlarmState, toAlarmStates } from '../vsphere/alarm/alarm-state.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';
import type { NamedItem } from './presets.ts';
import { type LabelReference, MAX_LABEL_CHARACTERS, type MetricRow } from './row.ts';
import { derived, optional } from './sources/property.ts';

const PATH = 'triggeredAlarmState';

const BASE = { preset: 'vmware_exporter', privilege: 'System.View', since: '2.0' } as const;

/** Of ManagedEntityStatus those that an alarm is triggered with. */
const SEVERITIES = ['yellow', 'red'] as const;
type Severity = (typeof SEVERITIES)[number];

const isOf = (severity: Severity) => (state: AlarmState) => state.overallStatus === severity;

/**
 * `triggeredAlarm:HostErrorAlarm` for `alarm.HostErrorAlarm`, as vmware_exporter prints it (0.18.4, helpers.py). An alarm
 * that somebody made has no such name, for which vmware_exporter prints `AlarmsUnavailable` in place of all alarms of the
 * object; here it has the name that it was given.
 */
const toWord = (item: NamedItem | undefined, reference: string): string =>
  `triggeredAlarm:${item?.facts.systemName?.split('.')[1] ?? item?.name ?? reference}`;

/**
 * The label has the references of definitions, which only the sweep can name. vCenter has alarms in no order: sorted, the
 * same alarms are the same series.
 */
const NAMES: LabelReference = {
  kind: 'alarm',
  by: 'moref',
  print: (value, find) =>
    value === ''
      ? 'n/a'
      : value
          .split(',')
          .map((one) => toWord(find(one), one))
          .toSorted()
          .join(),
};

/** As many whole references as a label may have: half of one would be the name of another alarm. */
function joinReferences(references: readonly string[]): string {
  const all = references.toSorted().join();
  return all.length <= MAX_LABEL_CHARACTERS
    ? all
    : all.slice(0, Math.max(0, all.lastIndexOf(',', MAX_LABEL_CHARACTERS)));
}

const WHAT = { host: 'host', datastore: 'datastore', vm: 'virtual machine' } as const;

/** The metrics of vmware_exporter's `fetch_alarms`. */
const countRow = (kind: keyof typeof WHAT, severity: Severity): MetricRow => ({
  ...BASE,
  name: `vmware_${kind}_${severity}_alarms`,
  help: `Number of ${severity} alarms of the ${WHAT[kind]}, with their names as a label`,
  unit: 'number',
  kind,
  source: optional(
    PATH,
    {
      as: 'array',
      toPoints(value) {
        const found = toAlarmStates(value).filter(isOf(severity));
        return [{ labels: [joinReferences(found.map(({ alarm }) => alarm.value))], value: found.length }];
      },
      expected: 'arrays',
    },
    [{ labels: [''], value: 0 }],
  ),
  labels: ['alarms'],
  references: { alarms: NAMES },
  noSample: 'when it cannot be read',
});

/** Every kind that alarms are triggered on. */
const ENTITY_KINDS = KINDS.map(({ name }) => name).filter((name) => name !== 'alarm');
const KIND_OF: ReadonlyMap<string, KindName> = new Map(
  KINDS.flatMap(({ name, types, list }) =>
    list === undefined ? types.map((type): [string, KindName] => [type, name]) : [],
  ),
);
const OTHER = 'other';

/** By the root folder itself vCenter says what concerns no other object. */
const entityTypeOf = (entity: MoRef, root: MoRef): string =>
  entity.value === root.value ? 'vcenter' : (KIND_OF.get(entity.type) ?? OTHER);

const ENTITY = { kind: ENTITY_KINDS, by: 'moref' } as const;

/** The root folder has the alarms of all objects below it, and those that vCenter has on no object. */
const VCENTER = { ...BASE, kind: 'vcenter' } as const;

/** Triggered alarms: of each host, datastore and machine as vmware_exporter has them, and of a whole vCenter. */
export const ALARMS: readonly MetricRow[] = [
  ...(['host', 'datastore', 'vm'] as const).flatMap((kind) =>
    SEVERITIES.map((severity) => countRow(kind, severity)),
  ),
  {
    ...VCENTER,
    name: 'vmware_alarm_triggered',
    help: 'A triggered alarm: 1 with the object that it is on, the id of that, the name of the alarm, its severity and whether it is acknowledged as labels',
    unit: 'boolean',
    source: derived([PATH], ({ properties, missing, moref }) => {
      const states = toAlarmStates(properties.get(PATH));
      return {
        points: states
          .filter(({ overallStatus }) => SEVERITIES.some((one) => one === overallStatus))
          .map(({ entity, alarm, overallStatus, acknowledged = false }) => ({
            labels: [
              entityTypeOf(entity, moref),
              entity.value,
              entity.value,
              entity.value,
              alarm.value,
              overallStatus,
              String(acknowledged),
            ],
            value: 1,
          })),
        warnings: missing.has(PATH) ? [`${PATH} could not be read: ${missing.get(PATH)}`] : [],
      };
    }),
    labels: ['entity_type', 'entity', 'entity_id', 'dc_name', 'alarm', 'severity', 'acknowledged'],
    references: {
      entity: ENTITY,
      dc_name: { ...ENTITY, print: (value, find) => find(value)?.facts.datacenter ?? '' },
      alarm: { kind: 'alarm', by: 'moref' },
    },
    noSample: 'while no alarm is triggered; when it cannot be read',
  },
  {
    ...VCENTER,
    name: 'vmware_alarms',
    help: 'Number of triggered alarms, by severity and by the kind of object that they are on',
    unit: 'number',
    source: derived([PATH], ({ properties, missing, moref }) => {
      if (missing.has(PATH)) return { points: [], warnings: [] };
      const states = toAlarmStates(properties.get(PATH));
      return {
        points: [...ENTITY_KINDS, OTHER].flatMap((type) =>
          SEVERITIES.map((severity) => ({
            labels: [severity, type],
            value: states.filter(isOf(severity)).filter(({ entity }) => entityTypeOf(entity, moref) === type)
              .length,
          })),
        ),
        warnings: [],
      };
    }),
    labels: ['severity', 'entity_type'],
    noSample: 'when it cannot be read',
  },
];
