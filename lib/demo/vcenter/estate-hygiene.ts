import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoSnapshot, DemoVirtualMachine } from './estate.ts';
import { toEvent } from './host-hygiene.ts';
import { element, value } from './property-xml.ts';

type Properties = readonly (readonly [path: string, xml: string])[];

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** What of a virtual machine has to be known before it hurts. */
export function toMachineHygiene({
  needsCare = false,
  reservation = 0,
  ...vm
}: DemoVirtualMachine): Properties {
  const heartbeat = vm.guest === undefined ? 'gray' : needsCare ? 'red' : 'green';
  const limit = needsCare ? 1_024 : -1;
  return [
    ['runtime.consolidationNeeded', value('xsd:boolean', needsCare)],
    ['runtime.toolsInstallerMounted', value('xsd:boolean', needsCare)],
    ['guestHeartbeatStatus', value('ManagedEntityStatus', heartbeat)],
    ['config.version', value('xsd:string', needsCare ? 'vmx-8' : 'vmx-19')],
    ['config.cpuAllocation.limit', value('xsd:long', limit)],
    ['config.cpuAllocation.reservation', value('xsd:long', reservation)],
    ['config.memoryAllocation.limit', value('xsd:long', limit)],
    ['config.memoryAllocation.reservation', value('xsd:long', reservation)],
    ...(needsCare ? [['runtime.question.id', value('xsd:string', '1')] as const] : []),
    ...(vm.powerState === 'poweredOn'
      ? [['runtime.dasVmProtection.dasProtected', value('xsd:boolean', !needsCare)] as const]
      : []),
    ...toLayout(vm.snapshots),
  ];
}

const file = (key: number, type: string, size: number) =>
  `<VirtualMachineFileLayoutExFileInfo>${textElement('key', String(key))}<name>[fast01] demo/demo-${key}</name>` +
  `${textElement('type', type)}${textElement('size', String(size))}</VirtualMachineFileLayoutExFileInfo>`;

const all = (snapshots: readonly DemoSnapshot[]): DemoSnapshot[] =>
  snapshots.flatMap((one) => [one, ...all(one.children)]);

/** A base disk, and per snapshot a file of 30 kB and a disk of 1 MiB, as the types of the vSphere API have it. */
function toLayout(snapshots: readonly DemoSnapshot[]): Properties {
  const taken = all(snapshots);
  const disk = (name: string, depth: number) => {
    const chain = Array.from({ length: depth + 1 }, (_, at) => `<chain><fileKey>${2 * at}</fileKey></chain>`);
    return `<${name}><key>2000</key>${chain.join('')}</${name}>`;
  };
  const files = taken.map(
    (_, at) => file(2 * at + 1, 'snapshotData', 30_000) + file(2 * at + 2, 'diskExtent', MEBIBYTE),
  );
  const layouts = taken.map(
    ({ moref }, at) =>
      `<VirtualMachineFileLayoutExSnapshotLayout><key type="VirtualMachineSnapshot">${moref}</key>` +
      `<dataKey>${2 * at + 1}</dataKey><memoryKey>-1</memoryKey>${disk('disk', at)}</VirtualMachineFileLayoutExSnapshotLayout>`,
  );
  const base = file(0, 'diskExtent', 40 * GIBIBYTE);
  return [
    ['layoutEx.file', element('val', 'ArrayOfVirtualMachineFileLayoutExFileInfo', base + files.join(''))],
    [
      'layoutEx.disk',
      element(
        'val',
        'ArrayOfVirtualMachineFileLayoutExDiskLayout',
        disk('VirtualMachineFileLayoutExDiskLayout', taken.length),
      ),
    ],
    [
      'layoutEx.snapshot',
      element('val', 'ArrayOfVirtualMachineFileLayoutExSnapshotLayout', layouts.join('')),
    ],
  ];
}

/** A property of the summary as a field of the whole one. */
const toField = ([path, xml]: Properties[number]): string =>
  textElement(path.slice('summary.'.length), />([^<]*)</.exec(xml)?.[1] ?? '');

/** What of a cluster has to be known before hosts fail: of one that is out of order HA and DRS are off. */
export function toClusterHygiene(needsCare: boolean, capacity: Properties): Properties {
  const on = value('xsd:boolean', !needsCare);
  const summary =
    capacity.map(toField).join('') +
    textElement('currentFailoverLevel', needsCare ? '0' : '1') +
    '<admissionControlInfo xsi:type="ClusterFailoverResourcesAdmissionControlInfo">' +
    textElement('currentCpuFailoverResourcesPercent', needsCare ? '5' : '75') +
    `${textElement('currentMemoryFailoverResourcesPercent', needsCare ? '3' : '60')}</admissionControlInfo>` +
    '<numVmotions>12</numVmotions><targetBalance>100</targetBalance>' +
    `${textElement('currentBalance', needsCare ? '350' : '50')}${textElement('drsScore', needsCare ? '41' : '98')}`;
  const faults = '<ClusterDrsFaults><reason>antiAffin</reason></ClusterDrsFaults>';
  const issue = toEvent('DasDisabledEvent', { key: 1 });
  return [
    ['configuration.dasConfig.enabled', on],
    ['configuration.dasConfig.hostMonitoring', value('xsd:string', needsCare ? 'disabled' : 'enabled')],
    ['configuration.dasConfig.admissionControlEnabled', on],
    ['configuration.dasConfig.failoverLevel', value('xsd:int', needsCare ? 2 : 1)],
    ['configuration.drsConfig.enabled', on],
    [
      'configuration.drsConfig.defaultVmBehavior',
      value('DrsBehavior', needsCare ? 'manual' : 'fullyAutomated'),
    ],
    ['drsFault', element('val', 'ArrayOfClusterDrsFaults', needsCare ? faults : '')],
    ['configIssue', element('val', 'ArrayOfEvent', needsCare ? issue : '')],
    ['summary', element('val', 'ClusterComputeResourceSummary', summary)],
  ];
}
