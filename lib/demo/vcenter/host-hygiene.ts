import { textElement } from '../../vsphere/soap/soap-request.ts';
import { DEMO_CERTIFICATES } from './demo-certificates.ts';
import type { DemoHostHygiene, DemoVcenterHost } from './demo-host.ts';
import { element, value } from './property-xml.ts';

type Properties = [path: string, xml: string][];

const LAST_SYNC = '2026-01-05T11:59:00Z';
const NTP_SERVERS = ['ntp1.example.org', 'ntp2.example.org'];
const VOLUME = '/vmfs/volumes/5eed0003-00000003-0003-000000000003';

/** Beside its configuration. */
export function toState({ hygiene = {}, cluster, moref }: DemoVcenterHost): Properties {
  const {
    rebootRequired = false,
    configIssues = [],
    haState = 'connectedToMaster',
    complianceState,
  } = hygiene;
  const issues = configIssues.map((type, index) => toEvent(type, { key: index + 1, host: moref }));
  return [
    ['summary.rebootRequired', value('xsd:boolean', rebootRequired)],
    ['configIssue', element('val', 'ArrayOfEvent', issues.join(''))],
    ...(cluster === ''
      ? []
      : ([['runtime.dasHostState.state', value('xsd:string', haState)]] satisfies Properties)),
    ...(complianceState === undefined
      ? []
      : ([['complianceCheckState.state', value('xsd:string', complianceState)]] satisfies Properties)),
  ];
}

/** As govmomi's templates of a host have it (simulator/esx/host_config_info.go), by the types of the vSphere API. */
export function toConfiguration({ hygiene = {}, moref }: DemoVcenterHost): Properties {
  const {
    syslogTarget = 'tcp://syslog.example.org:514',
    scratch = `${VOLUME}/.locker`,
    hasDumpPartition = true,
  } = hygiene;
  const option = (key: string, text: string): Properties[number] => [
    `config.option["${key}"].value`,
    value('xsd:string', text),
  ];
  return [
    ['config.host', `<val type="HostSystem" xsi:type="ManagedObjectReference">${moref}</val>`],
    ['config.certificate', CERTIFICATES[hygiene.certificate ?? 'valid']],
    ['config.dateTimeInfo', toTime(hygiene)],
    option('Syslog.global.logHost', syslogTarget),
    option('ScratchConfig.CurrentScratchLocation', scratch),
    ...(hasDumpPartition
      ? ([
          ['config.activeDiagnosticPartition.diagnosticType', value('xsd:string', 'singleHost')],
        ] satisfies Properties)
      : []),
    ['config.network.pnic', element('val', 'ArrayOfPhysicalNic', toNics(hygiene))],
    ['config.multipathState.path', element('val', 'ArrayOfHostMultipathStateInfoPath', toPaths(hygiene))],
    ['config.storageDevice.scsiLun', element('val', 'ArrayOfScsiLun', toLuns(hygiene))],
  ];
}

/** `byte` is signed. */
const toBytes = (pem: string) =>
  element(
    'val',
    'ArrayOfByte',
    Array.from(Int8Array.from(Buffer.from(pem)), (one) => `<byte>${one}</byte>`).join(''),
  );
const CERTIFICATES = { valid: toBytes(DEMO_CERTIFICATES.valid), ended: toBytes(DEMO_CERTIFICATES.ended) };

const isExtended = (type: string) => type.includes('.');

export function toEvent(type: string, { key, host }: { key: number; host?: string }): string {
  const base =
    textElement('key', String(key)) +
    textElement('chainId', String(key)) +
    textElement('createdTime', '2026-01-05T10:00:00Z') +
    textElement('userName', '') +
    (host === undefined ? '' : `<host><name>${host}</name><host type="HostSystem">${host}</host></host>`) +
    textElement('fullFormattedMessage', `${type} of the demo`);
  return isExtended(type)
    ? element('Event', 'EventEx', base + textElement('eventTypeId', type))
    : element('Event', type, base);
}

function toTime({
  isTimeSynchronized = true,
  isTimeInFallback = false,
  lastTimeSync = LAST_SYNC,
  ntpServers = NTP_SERVERS,
}: DemoHostHygiene): string {
  const servers = ntpServers.map((server) => textElement('server', server)).join('');
  const zone =
    '<timeZone><key>UTC</key><name>UTC</name><description>UTC</description><gmtOffset>0</gmtOffset></timeZone>';
  return element(
    'val',
    'HostDateTimeInfo',
    `${zone}<systemClockProtocol>ntp</systemClockProtocol>` +
      `<ntpConfig>${servers}</ntpConfig><enabled>true</enabled>` +
      textElement('inFallbackState', String(isTimeInFallback)) +
      textElement('serviceSync', String(isTimeSynchronized)) +
      textElement('lastSyncTime', lastTimeSync),
  );
}

const count = (many: number, toXml: (index: number) => string): string =>
  Array.from({ length: many }, (_, index) => toXml(index)).join('');

function toNics({ linksDown = 0 }: DemoHostHygiene): string {
  return count(2, (index) => {
    const link =
      index < linksDown ? '' : '<linkSpeed><speedMb>25000</speedMb><duplex>true</duplex></linkSpeed>';
    return (
      `<PhysicalNic><key>key-vim.host.PhysicalNic-vmnic${index}</key><device>vmnic${index}</device><pci>0000:17:00.${index}</pci>` +
      `<driver>icen</driver><driverVersion>1.14.2.0</driverVersion><firmwareVersion>4.60</firmwareVersion>${link}` +
      `<spec></spec><wakeOnLanSupported>true</wakeOnLanSupported><mac>00:50:56:00:01:0${index}</mac></PhysicalNic>`
    );
  });
}

/** The names of paths as Checkmk recorded them (`config.multipathState.path` in its test of esx_vsphere_hostsystem). */
function toPaths({ deadPaths = 0 }: DemoHostHygiene): string {
  return count(4, (index) => {
    const name = `fc.2000001b329d47a${index}:2100001b329d47a${index}-fc.500a098088866d7e:500a098188866d7e-naa.600c0ff000d775af`;
    const state = index < deadPaths ? 'dead' : index % 2 === 0 ? 'active' : 'standby';
    return `<HostMultipathStateInfoPath>${textElement('name', name)}${textElement('pathState', state)}</HostMultipathStateInfoPath>`;
  });
}

function toLuns({ lostLuns = 0 }: DemoHostHygiene): string {
  return count(2, (index) =>
    element(
      'ScsiLun',
      'HostScsiDisk',
      `<deviceName>/vmfs/devices/disks/naa.600c0ff000d775a${index}</deviceName><deviceType>disk</deviceType>` +
        `<uuid>020001000060000000${index}</uuid><lunType>disk</lunType>` +
        textElement('operationalState', index < lostLuns ? 'lostCommunication' : 'ok') +
        '<capacity><blockSize>512</blockSize><block>4294967296</block></capacity><devicePath>x</devicePath>',
    ),
  );
}
