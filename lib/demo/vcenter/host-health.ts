import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoHostHygiene, DemoVcenterHost } from './demo-host.ts';
import { element, value } from './property-xml.ts';

const MEBIBYTE = 2 ** 20;
const CPU_MHZ = 32 * 2_400;
const MEMORY_MB = 262_144;
const BOOT_TIME = '2026-01-01T06:00:00.123456Z';
const HEALTH = 'runtime.healthSystemRuntime';

/** What a host is made of, how much of that is used, and what its sensors say: the same for all, as in one rack. */
export function toHealth({
  powerState,
  hygiene = {},
}: DemoVcenterHost): readonly (readonly [string, string])[] {
  const isOn = powerState === 'poweredOn';
  return [
    ['summary.hardware.model', value('xsd:string', 'Demo Server 2U')],
    ['summary.hardware.cpuModel', value('xsd:string', 'Demo CPU @ 2.40GHz')],
    ['summary.hardware.numCpuCores', value('xsd:short', 32)],
    ['summary.hardware.cpuMhz', value('xsd:int', 2_400)],
    ['summary.hardware.memorySize', value('xsd:long', MEMORY_MB * MEBIBYTE)],
    ['summary.config.product.version', value('xsd:string', '8.0.3')],
    ['summary.config.product.build', value('xsd:string', '24022510')],
    ['runtime.standbyMode', value('xsd:string', 'none')],
    ...(isOn ? toLoad(hygiene) : []),
  ];
}

const toLoad = ({ load, fan = 'green' }: DemoHostHygiene): readonly (readonly [string, string])[] => [
  ['runtime.bootTime', value('xsd:dateTime', BOOT_TIME)],
  ['summary.quickStats.uptime', value('xsd:int', 86_400)],
  [
    'summary.quickStats.overallCpuUsage',
    value('xsd:int', load === undefined ? 12_345 : Math.round(load * CPU_MHZ)),
  ],
  [
    'summary.quickStats.overallMemoryUsage',
    value('xsd:int', load === undefined ? 98_765 : Math.round(load * MEMORY_MB)),
  ],
  [
    `${HEALTH}.systemHealthInfo.numericSensorInfo`,
    element(
      'val',
      'ArrayOfHostNumericSensorInfo',
      toSensor('Fan 1', { reading: 8_400, modifier: 0, units: 'RPM', type: 'fan', health: fan }) +
        toSensor('Inlet Temp', { reading: 2_350, modifier: -2, units: 'degrees C', type: 'temperature' }) +
        toSensor('Pwr Consumption', { reading: 182, modifier: 0, units: 'Watts', type: 'power' }),
    ),
  ],
  [
    `${HEALTH}.hardwareStatusInfo.cpuStatusInfo`,
    element('val', 'ArrayOfHostHardwareElementInfo', toElement('CPU 1', 'Green')),
  ],
  [
    `${HEALTH}.hardwareStatusInfo.memoryStatusInfo`,
    element('val', 'ArrayOfHostHardwareElementInfo', toElement('Memory', 'Green')),
  ],
  [
    `${HEALTH}.hardwareStatusInfo.storageStatusInfo`,
    element('val', 'ArrayOfHostStorageElementInfo', toElement('Disk 0', 'Green', 'HostStorageElementInfo')),
  ],
];

function toSensor(
  name: string,
  {
    reading,
    modifier,
    units,
    type,
    health = 'green',
  }: { reading: number; modifier: number; units: string; type: string; health?: string },
): string {
  return (
    `<HostNumericSensorInfo>${textElement('name', name)}<healthState>${toKey(health)}</healthState>` +
    textElement('currentReading', String(reading)) +
    textElement('unitModifier', String(modifier)) +
    textElement('baseUnits', units) +
    `${textElement('sensorType', type)}</HostNumericSensorInfo>`
  );
}

function toElement(name: string, key: string, type = 'HostHardwareElementInfo'): string {
  return `<${type}>${textElement('name', name)}<status>${toKey(key)}</status></${type}>`;
}

function toKey(key: string): string {
  return textElement('label', key) + textElement('summary', key) + textElement('key', key);
}
