/**
 * What esxcli printed on real hosts, as others have published it; shortened to some rows, values unchanged. Where only the
 * form for people was published, it is that, and `asFormats` makes of it what the formatters print: their fields are the
 * labels without blanks and punctuation (compare `Percentage Used` with `PercentageUsed` below).
 */

/** ESXi 8.0.3 build 25205845: steiner-dominik/vmware-disk-health, tests/fixtures/sa-esxi-01. */
export const NVME_LOG_8_JSON =
  '{"AvailableSpare": 100, "AvailableSpareSpaceBelowThreshold": false, "AvailableSpareThreshold": 0, "CompositeTemperature": 312, "ControllerBusyTime": "0x270f", "CriticalCompositeTemperatureTime": 0, "DataUnitsRead": "0x12f7ca12", "DataUnitsWritten": "0x52c46fc1", "HostReadCommands": "0x481a96c95", "HostWriteCommands": "0xca40e8ef2", "MediaErrors": "0x0", "NVMSubsystemReliabilityDegradation": false, "NumberofErrorInfoLogEntries": "0x0", "PercentageUsed": 0, "PowerCycles": "0x2f", "PowerOnHours": "0x63c6", "ReadOnlyMode": false, "TemperatureSensor1": 0, "TemperatureWarning": false, "UnsafeShutdowns": "0x20", "VolatileMemoryBackupDeviceFailure": false, "WarningCompositeTemperatureTime": 0}\n';
export const SMART_8_JSON = String.raw`[{"Parameter": "Health Status", "Raw": "N\/A", "Threshold": "N\/A", "Value": "OK", "Worst": "N\/A"}, {"Parameter": "Media Wearout Indicator", "Raw": "115", "Threshold": "0", "Value": "77", "Worst": "77"}, {"Parameter": "Power-on Hours", "Raw": "80032", "Threshold": "0", "Value": "84", "Worst": "84"}, {"Parameter": "Reallocated Sector Count", "Raw": "0", "Threshold": "10", "Value": "100", "Worst": "100"}, {"Parameter": "Drive Temperature", "Raw": "37", "Threshold": "0", "Value": "63", "Worst": "48"}, {"Parameter": "Write Sectors TOT Count", "Raw": "26147754279", "Threshold": "0", "Value": "99", "Worst": "99"}]`;
export const VERSION_8_JSON =
  '{"Build": "Releasebuild-25205845", "Patch": "95", "Product": "VMware ESXi", "Update": "3", "Version": "8.0.3"}\n';
/** The same host; the form for people. */
export const PATHS_8_TEXT = `pcie.d00-pcie.0:0-t10.NVMe____EO000750KWTXC___________________________00014935E3E4D25C
   UID: pcie.d00-pcie.0:0-t10.NVMe____EO000750KWTXC___________________________00014935E3E4D25C
   Runtime Name: vmhba4:C0:T0:L0
   Device: t10.NVMe____EO000750KWTXC___________________________00014935E3E4D25C
   Adapter: vmhba4
   Plugin: HPP
   State: active
   Transport: pcie

usb.vmhba32-usb.0:0-mpx.vmhba32:C0:T0:L0
   UID: usb.vmhba32-usb.0:0-mpx.vmhba32:C0:T0:L0
   Runtime Name: vmhba32:C0:T0:L0
   Device: mpx.vmhba32:C0:T0:L0
   Adapter: vmhba32
   Plugin: NMP
   State: active
   Transport: usb
`;

/** ESXi 7: AnalogJ/scrutiny issue 388, with --format-param=fields="DevfsPath,Vendor,Model". */
export const DEVICES_7_CSV = `DevfsPath,Vendor,Model,
/vmfs/devices/disks/naa.6589cfc000000f7b3137fe00cd6d09ca,FreeNAS ,iSCSI Disk      ,
/vmfs/devices/disks/mpx.vmhba32:C0:T0:L0,SanDisk ,Cruzer Blade    ,
/vmfs/devices/disks/t10.ATA_____WDC_WD180EMFZ2D11AFXA0___________________3WHDKL1J____________,ATA     ,WDC WD180EMFZ-11,
`;
/** An ESXi with a Raw column, host kuiper4 of a public notebook (SMART by `storage core device smart get`). */
export const SMART_7_TEXT = `Parameter                        Value  Threshold  Worst  Raw
-------------------------------  -----  ---------  -----  ---
Health Status                    OK     N/A        N/A    N/A
Media Wearout Indicator          1      0          1      100
Reallocated Sector Count         253    36         253    0
Drive Temperature                31     0          20     85902098463
Uncorrectable Sector Count       253    0          253    0
`;

/** Before 7.0, without the column Raw: bytes of system_gateway_mock.rb of "rupees", a public controller of hosts. */
export const SMART_6_CSV =
  'Parameter,Threshold,Value,Worst,\nHealth Status,N/A,OK,N/A,\nMedia Wearout Indicator,N/A,N/A,N/A,\nRead Error Count,6,120,99,\nReallocated Sector Count,36,100,100,\nDrive Temperature,0,35,45,\n';
export const DEVICES_6_CSV =
  'AttachedFilters,DevfsPath,Device,DeviceType,DisplayName,IsLocal,OtherUIDs,Size,\n,/vmfs/devices/disks/t10.ATA_____ST3000VN0002D1H4167__W300H4CK,t10.ATA_____ST3000VN0002D1H4167__W300H4CK,Direct-Access ,Local ATA Disk (t10.ATA_____ST3000VN0002D1H4167__W300H4CK),true,"vml.0100000000202020202020202020202020573330304834434b535433303030,",2861588,\n';

/** ESXi 8 (DPUId): spyroot/warlock, tests/test_utils.py. */
export const NICS_8_KEYVALUE = `structure[0].Nic.AdminStatus.string=Up
structure[0].Nic.DPUId.string=N/A
structure[0].Nic.Description.string=Intel(R) Ethernet Controller X550
structure[0].Nic.Driver.string=ixgben
structure[0].Nic.MTU.integer=1500
structure[0].Nic.Name.string=vmnic0
structure[0].Nic.Speed.integer=10000
structure[1].Nic.AdminStatus.string=Up
structure[1].Nic.DPUId.string=N/A
structure[1].Nic.Description.string=Intel(R) Ethernet Controller X550
structure[1].Nic.Driver.string=ixgben
structure[1].Nic.MTU.integer=1500
structure[1].Nic.Name.string=vmnic1
structure[1].Nic.Speed.integer=10000
`;
/** Arrays in keyvalue: a public shell script that reads `network vswitch standard list`. */
export const SWITCHES_KEYVALUE = `structure[0].VirtualSwitch.BeaconEnabled.boolean=false
structure[0].VirtualSwitch.BeaconRequiredBy.string[] = 
structure[0].VirtualSwitch.MTU.integer=1500
structure[0].VirtualSwitch.Name.string=vSwitch0
structure[0].VirtualSwitch.Portgroups.string[0].string=vss-vmnet
structure[0].VirtualSwitch.Portgroups.string[1].string=vss-mgmt
structure[0].VirtualSwitch.Uplinks.string[0].string=vmnic0
`;

/** intel/mfd-network-adapter, tests of its statistics on ESXi; the form for people. */
export const NIC_STATS_TEXT = `NIC statistics for vmnic9
   Packets received: 0
   Bytes received: 5271156
   Receive packets dropped: 0
   Transmit packets dropped: 0
   Total receive errors: 0
   Receive length errors: 0
   Receive over errors: 0
   Receive CRC errors: 0
   Receive frame errors: 0
   Receive FIFO errors: 0
   Receive missed errors: 0
   Total transmit errors: 0
`;
/** ESXi 6.7 of the Russian notebook that has KB 50121760: a NIC that loses packets; these lines alone. */
export const NIC_STATS_LOSING_TEXT = `   Receive packets dropped: 0
   Receive length errors: 0
   Receive over errors: 50571
   Receive CRC errors: 0
   Receive frame errors: 0
   Receive FIFO errors: 748049
   Receive missed errors: 0
   Total receive errors: 798620
`;

/** elatov's notes of `esxcli system settings advanced list -o /Net/TcpipDefLROEnabled`; the form for people. */
export const ADVANCED_TEXT = `   Path: /Net/TcpipDefLROEnabled
   Type: integer
   Int Value: 0
   Default Int Value: 1
   Min Value: 0
   Max Value: 1
   String Value:
   Default String Value:
   Valid Characters:
   Description: LRO enabled for TCP/IP
`;

/** vmware/govmomi, simulator/esxcli.go: "sample from: govc host.esxcli -dump software vib get". */
export const VIB_8 = {
  AcceptanceLevel: 'VMwareCertified',
  CreationDate: '2023-03-22',
  ID: 'VMware_bootbank_esx-ui_2.12.0-21482143',
  InstallDate: '2023-03-28',
  Name: 'esx-ui',
  Vendor: 'VMware',
  Version: '2.12.0-21482143',
};

/** What esxcli prints where it does not answer: of 6.7 (vmware-disk-health, tests), of a dead hostd (elatov, 2013), of a typing error (its source). */
export const ERRORS = {
  noFormatter: 'Unable to find requested formatter: json\n',
  hostdIsDead: 'Connect to localhost failed: Connection failure\n',
  unknown: 'Error: Unknown command or namespace network nic statz get\n\n',
} as const;

/** A block of `Label: value` lines, or the rows of a table below dashes. */
export function rowsOfText(text: string): Record<string, string>[] {
  const lines = text.split('\n');
  const dashes = lines[1] ?? '';
  if (/^-+(?: +-+)*$/.test(dashes)) {
    const columns = Array.from(
      dashes.matchAll(/-+/g),
      ({ index, 0: { length } }) => [index, length] as const,
    );
    const cut = (line: string) =>
      columns.map(([at], index) => line.slice(at, columns[index + 1]?.[0]).trim());
    const names = cut(lines[0] ?? '').map(toField);
    return lines
      .slice(2)
      .filter((line) => line !== '')
      .map((line) => Object.fromEntries(cut(line).map((value, index) => [names[index] ?? '', value])));
  }
  return text
    .split(/\n\n/)
    .map((block) =>
      Object.fromEntries(
        Array.from(block.matchAll(/^ +([^:\n]+):(?: (.*))?$/gm), ([, label = '', value = '']) => [
          toField(label),
          value,
        ]),
      ),
    );
}

const toField = (label: string): string => label.replace(/[^A-Za-z0-9]/g, '');
