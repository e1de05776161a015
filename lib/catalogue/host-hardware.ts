import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, integerOf, listOf, textOf } from '../vsphere/property/value-fields.ts';
import type { MetricRow, Point, Unit } from './row.ts';
import { numberOf } from './sources/conversions.ts';
import { computed, optional } from './sources/property.ts';

const HEALTH = 'runtime.healthSystemRuntime';
const NUMERIC = `${HEALTH}.systemHealthInfo.numericSensorInfo`;
const STATUS = {
  cpu: `${HEALTH}.hardwareStatusInfo.cpuStatusInfo`,
  memory: `${HEALTH}.hardwareStatusInfo.memoryStatusInfo`,
  storage: `${HEALTH}.hardwareStatusInfo.storageStatusInfo`,
} as const;

/** HostNumericSensorHealthState and HostHardwareElementStatus -> vmware_exporter's number; keys come in any case. */
const STATES: ReadonlyMap<string, number> = new Map([
  ['red', 0],
  ['yellow', 1],
  ['green', 2],
  ['unknown', 3],
]);

const stateOf = (description: PropertyValue | undefined): number | undefined =>
  STATES.get((textOf(fieldOf(description, 'key')) ?? '').toLowerCase());

/** Sensors and the elements of hardware, which have no type there. */
function statePoints(get: (path: string) => PropertyValue | undefined): readonly Point[] {
  const points = (path: string, field: string, type: (element: PropertyValue) => string): Point[] =>
    listOf(get(path)).flatMap((element) => {
      const value = stateOf(fieldOf(element, field));
      const name = textOf(fieldOf(element, 'name'));
      return value === undefined || name === undefined ? [] : [{ labels: [name, type(element)], value }];
    });
  return [
    ...points(NUMERIC, 'healthState', (sensor) => textOf(fieldOf(sensor, 'sensorType')) ?? 'n/a'),
    ...points(STATUS.cpu, 'status', () => 'n/a'),
    ...points(STATUS.memory, 'status', () => 'n/a'),
    ...points(STATUS.storage, 'status', () => 'storage'),
  ];
}

/** `currentReading` by 10 to the power of `unitModifier`: by its digits, because 0.01 has no exact number. */
function readingOf(sensor: PropertyValue): number | undefined {
  const reading = numberOf(fieldOf(sensor, 'currentReading'));
  const exponent = integerOf(fieldOf(sensor, 'unitModifier'));
  if (reading === undefined || exponent === undefined) return undefined;
  const value = Number(`${reading}e${exponent}`);
  return Number.isFinite(value) ? value : undefined;
}

type SensorsByUnit = ReadonlyMap<string | undefined, readonly PropertyValue[]>;

/**
 * Of the host that was looked at last, because six rows look at its eighty sensors. No WeakMap: until V8 collects the whole
 * heap, that would keep the sensors of every host.
 */
let last: { readonly of: readonly PropertyValue[]; readonly sorted: SensorsByUnit } | undefined;

function byUnit(sensors: readonly PropertyValue[]): SensorsByUnit {
  if (last?.of === sensors) return last.sorted;
  const sorted = Map.groupBy(sensors, (one) => textOf(fieldOf(one, 'baseUnits'))?.toLowerCase());
  last = { of: sensors, sorted };
  return sorted;
}

/** Sensors whose `baseUnits` are these, in any case. */
const sensorsIn = (baseUnits: string, toValue: (sensor: PropertyValue) => number | undefined) =>
  optional(NUMERIC, {
    as: 'array',
    toPoints: (sensors) =>
      Array.isArray(sensors)
        ? (byUnit(sensors).get(baseUnits) ?? []).flatMap((sensor) => {
            const name = textOf(fieldOf(sensor, 'name'));
            const value = toValue(sensor);
            return name === undefined || value === undefined ? [] : [{ labels: [name], value }];
          })
        : undefined,
    expected: 'arrays',
  });

const SENSOR = {
  kind: 'host',
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  labels: ['name'],
  since: '2.5',
  noSample: 'when the host has no such sensor, or its health is unknown to vCenter',
} as const;

const reading = (
  name: string,
  help: string,
  { unit, in: baseUnits }: { unit: Unit; in: string },
): MetricRow => ({
  ...SENSOR,
  name,
  help,
  unit,
  source: sensorsIn(baseUnits, readingOf),
});

/**
 * Sensors as the firmware of the host's vendor reports them, by vmware_exporter's names (`_vmware_get_hosts`,
 * `batch_fetch_properties`), which has no storage elements and joins sensors by commas, so that it loses those with a
 * comma in their name. Two sensors of a host may have one name.
 */
export const HOST_HARDWARE: readonly MetricRow[] = [
  {
    ...SENSOR,
    name: 'vmware_host_sensor_state',
    help: 'State of a sensor, CPU, memory module or storage element: 0 red, 1 yellow, 2 green, 3 unknown',
    unit: 'number',
    source: computed([NUMERIC, STATUS.cpu, STATUS.memory, STATUS.storage], statePoints),
    labels: ['name', 'type'],
  },
  reading('vmware_host_sensor_fan', 'Speed of a fan, in revolutions per minute', { unit: 'rpm', in: 'rpm' }),
  reading('vmware_host_sensor_temperature', 'Temperature, in degrees Celsius', {
    unit: 'celsius',
    in: 'degrees c',
  }),
  reading('vmware_host_sensor_power_voltage', 'Voltage, in volts', { unit: 'volts', in: 'volts' }),
  reading('vmware_host_sensor_power_current', 'Current, in amperes', { unit: 'amperes', in: 'amps' }),
  reading('vmware_host_sensor_power_watt', 'Power, in watts', { unit: 'watts', in: 'watts' }),
  {
    ...SENSOR,
    name: 'vmware_host_sensor_redundancy',
    help: 'Redundancy as its sensor reads, 1 when it is there',
    unit: 'number',
    source: sensorsIn('redundancy-discrete', (sensor) => numberOf(fieldOf(sensor, 'currentReading'))),
  },
];
