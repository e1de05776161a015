import type { ServiceReading } from '../../../lib/esxi/service-reading.ts';

/**
 * What an init script of ESXi prints for `status`, and what was true of its service at the time. Of 6.7 a whole host's
 * scripts are public; of 5.1, 6.5, 7 and 8 single texts, none of which has another form than those of 6.7. ADR 0025 says
 * what was looked for and not found.
 */
export interface RecordedText {
  readonly service: string;
  readonly text: string;
  /** Where no recording has it: 0 for a service that runs, 3 for one that does not, as the scripts of 6.7 exit. */
  readonly code: number;
  readonly truth: ServiceReading['state'];
  readonly version: string;
  readonly source: string;
}

/** The scripts of a 6.7 host, as they were copied off it. */
const ESXI_67 = 'github.com/ljvblfz/ESXi, branch dev (caef0ca), etc/init.d';
const from67 = (
  service: string,
  text: string,
  code: number,
  truth: ServiceReading['state'],
): RecordedText => ({
  service,
  text,
  code,
  truth,
  version: '6.7',
  source: `${ESXI_67}/${service}`,
});

/** Scripts of 6.7 whose display name is their own name, without a full stop. */
const PLAIN_67 = [
  ...[
    'cdp',
    'clomd',
    'cmmdsd',
    'dcbd',
    'ddecomd',
    'epd',
    'memscrubd',
    'nfcd',
    'nfsgssd',
    'nicmgmtd',
    'nscd',
    'ntpd',
  ],
  ...['osfsd', 'pcscd', 'rabbitmqproxy', 'sdrsInjector', 'sensord', 'slpd', 'smartd', 'snmpd', 'storageRM'],
  ...['swapobjd', 'usbarbitrator', 'vmfstraced', 'vmtoolsd', 'vobd', 'vpxa', 'vsandevicemonitord'],
];
/** The same with a full stop. */
const STOPPED_67 = ['hostd', 'hostdCgiServer', 'rhttpproxy', 'vmsyslogd', 'vvold'];
const RENAMED_67: readonly (readonly [service: string, shown: string])[] = [
  ['iofilterd-spm', 'iofilterd_spm'],
  ['lacp', 'LACP daemon'],
  ['lbtd', 'net-lbt'],
  ['sfcbd-watchdog', 'sfcbd'],
  ['vsanmgmtd', 'vsanperfsvc'],
  ['wsman', 'openwsmand'],
  ['xorg', 'Xorg'],
];
const bothOf = (service: string, shown: string, end = ''): RecordedText[] => [
  from67(service, `${shown} is running${end}`, 0, 'running'),
  from67(service, `${shown} is not running${end}`, 3, 'stopped'),
];

const SFCBD_65 = 'vcdx56.com/2017/06/esxi-6-5-service-sfcbd-watchdog-not-running (6.5a, build 4887370)';
const VMDKOPS = 'github.com/vmware-archive/vsphere-storage-for-docker, issue 516 and pull request 401';
const HEALTH_SCRIPT =
  'a public health check that runs on the host with Python 2 or 3 and tests for these texts';
const HANDBOOK =
  'valcalepi.github.io/virtualcontrol.github.io/docs/NSX-Health-Check-Handbook.html, NSX 4.2 (its expected output, no recording)';

export const INIT_SCRIPT_TEXTS: readonly RecordedText[] = [
  ...PLAIN_67.flatMap((service) => bothOf(service, service)),
  ...STOPPED_67.flatMap((service) => bothOf(service, service, '.')),
  ...RENAMED_67.flatMap(([service, shown]) => bothOf(service, shown)),
  from67('SSH', 'SSH login is started', 0, 'running'),
  from67('SSH', 'SSH login is stopped', 3, 'stopped'),
  from67('ESXShell', 'ESX shell login is enabled', 0, 'running'),
  from67('ESXShell', 'ESX shell login is disabled', 3, 'stopped'),
  from67('DCUI', 'DCUI login is enabled', 0, 'running'),
  from67('DCUI', 'DCUI login is disabled', 3, 'stopped'),
  from67('vsanObserver', 'vsan observer is enabled', 0, 'running'),
  from67('vsanObserver', 'vsan observer is disabled', 3, 'stopped'),
  // One script, two daemons.
  from67('vitd', 'vitd is running\nvitsafehd is running', 0, 'running'),
  from67('vitd', 'vitd is running\nvitsafehd is not running', 3, 'unknown'),
  from67('vitd', 'vitd is not running\nvitsafehd is not running', 3, 'stopped'),
  // They leave before they look where the daemon (ntpd: or its configuration) is not there.
  from67('ntpd', '', 0, 'unknown'),
  from67('slpd', '', 0, 'unknown'),
  from67('snmpd', '', 0, 'unknown'),
  from67('wsman', '', 0, 'unknown'),
  from67('hostd', 'Usage: /etc/init.d/hostd {start|stop|restart|status|ssl_reset}', 1, 'unknown'),

  {
    service: 'sfcbd-watchdog',
    text: 'sfcbd is running',
    code: 0,
    truth: 'running',
    version: '6.5',
    source: SFCBD_65,
  },
  {
    service: 'sfcbd-watchdog',
    text: 'sfcbd is not running',
    code: 3,
    truth: 'stopped',
    version: '6.5',
    source: SFCBD_65,
  },
  {
    service: 'vmdk-opsd',
    text: 'vmdkops-opsd is running pid=279456',
    code: 0,
    truth: 'running',
    version: '6.x',
    source: VMDKOPS,
  },
  {
    service: 'vmdk-opsd',
    text: 'vmdkops-opsd is not running',
    code: 1,
    truth: 'stopped',
    version: '6.x',
    source: VMDKOPS,
  },
  {
    service: 'sfcbd',
    text: 'This operation is not supported.\nPlease use /etc/init.d/sfcbd-watchdog start',
    code: 0,
    truth: 'unknown',
    version: '5.x',
    source: 'elatov.github.io, the log of a restart of the management agents, 2013',
  },
  {
    service: 'hostd',
    text: 'hostd is running.',
    code: 0,
    truth: 'running',
    version: '5.1.0 Update 1, build 1065491',
    source: 'elatov.github.io/2014/01/updating-esxi-5-0u2-esxi-5-1u1, a terminal',
  },
  {
    service: 'usbarbitrator',
    text: 'usbarbitrator is running',
    code: 0,
    truth: 'running',
    version: '7.0.3, build 24784741',
    source:
      'the documentation of a collector in Go (homer, internal/esximon), section 8.2, measured on a host',
  },
  {
    service: 'usbarbitrator',
    text: 'usbarbitrator is running',
    code: 0,
    truth: 'running',
    version: '8.0.3, build 24674464',
    source: 'a blog of 7 July 2025 on a USB SSD as a datastore of vSphere 8.0 U3 (in Japanese), a terminal',
  },
  ...(['running', 'stopped'] as const).map(
    (truth): RecordedText => ({
      service: 'vShield-Stateful-Firewall',
      text: `vShield-Stateful-Firewall is ${truth === 'running' ? '' : 'not '}running`,
      code: truth === 'running' ? 0 : 3,
      truth,
      version: '6.x, NSX for vSphere 6',
      source: 'a public script with paramiko that starts the service where it reads the second text',
    }),
  ),
  {
    service: 'netcpad',
    text: 'netCP agent service is running',
    code: 0,
    truth: 'running',
    version: '6.x, NSX for vSphere 6',
    source: 'docs.openstack.org, networking-vsphere',
  },
  {
    service: 'nsx-opsagent',
    text: 'opsAgent is running',
    code: 0,
    truth: 'running',
    version: '6.5 to 7, NSX-T 2 and 3',
    source: 'github.com/sapcc/esxi-exporter, commit b3199ea',
  },
  {
    service: 'hostd',
    text: 'hostd is running.',
    code: 0,
    truth: 'running',
    version: '6.7 and 7',
    source: HEALTH_SCRIPT,
  },
  {
    service: 'hostd',
    text: 'hostd is not running.',
    code: 3,
    truth: 'stopped',
    version: '6.7 and 7',
    source: HEALTH_SCRIPT,
  },
  {
    service: 'vpxa',
    text: 'vpxa is running',
    code: 0,
    truth: 'running',
    version: '6.7 and 7',
    source: HEALTH_SCRIPT,
  },
  {
    service: 'slpd',
    text: 'slpd is not running',
    code: 3,
    truth: 'stopped',
    version: '6.5 to 7',
    source: 'a public PowerShell report on hosts that still need KB 76372, which compares with this text',
  },
  {
    service: 'nsx-proxy',
    text: 'nsx-proxy is running',
    code: 0,
    truth: 'running',
    version: '8, NSX 4.2',
    source: HANDBOOK,
  },
  {
    service: 'nsx-mpa',
    text: 'nsx-mpa is running',
    code: 0,
    truth: 'running',
    version: '8, NSX 4.2',
    source: HANDBOOK,
  },
  {
    service: 'nsxa',
    text: 'sh: /etc/init.d/nsxa: not found',
    code: 127,
    truth: 'absent',
    version: 'all, NSX-T 2.3 and later',
    source: 'docs.vmware.com, TKGI: nsx-opsagent took its place',
  },
];
