import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import { element, value } from './property-xml.ts';

const MEBIBYTE = 2 ** 20;
const BOOT_TIME = '2026-01-01T06:00:00.123456Z';
const HEALTH = 'runtime.healthSystemRuntime';

/** What a host is made of, how much of that is used, and what its sensors say: the same for all, as in one rack. */
export function toHealth({ powerState }: DemoVcenterHost): readonly (readonly [string, string])[] {
  const isOn = powerState === 'poweredOn';
  return [
    ['summary.hardware.model', value('xsd:string', 'Demo Server 2U')],
    ['summary.hardware.cpuModel', value('xsd:string', 'Demo CPU @ 2.40GHz')],
    ['summary.hardware.numCpuCores', value('xsd:short', 32)],
    ['summary.hardware.cpuMhz', value('xsd:int', 2_400)],
    ['summary.hardware.memorySize', value('xsd:long', 262_144 * MEBIBYTE)],
    ['summary.config.product.version', value('xsd:string', '8.0.3')],
    ['summary.config.product.build', value('xsd:string', '24022510')],
    ['runtime.standbyMode', value('xsd:string', 'none')],
    ...(isOn ? LOAD : []),
  ];
}

const LOAD: readonly (readonly [string, string])[] = [
  ['runtime.bootTime', value('xsd:dateTime', BOOT_TIME)],
  ['summary.quickStats.uptime', value('xsd:int', 86_400)],
  ['summary.quickStats.overallCpuUsage', value('xsd:int', 12_345)],
  ['summary.quickStats.overallMemoryUsage', value('xsd:int', 98_765)],
  [
    `${HEALTH}.systemHealthInfo.numericSensorInfo`,
    element(
      'val',
      'ArrayOfHostNumericSensorInfo',
      toSensor('Fan 1', { reading: 8_400, modifier: 0, units: 'RPM', type: 'fan' }) +
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
  { reading, modifier, units, type }: { reading: number; modifier: number; units: string; type: string },
): string {
  return (
    `<HostNumericSensorInfo>${textElement('name', name)}<healthState>${toKey('green')}</healthState>` +
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
