import { type DemoChecks, demoChecks } from './esxi-sshd/checks.ts';
import type { DemoEsxiHost, DemoServiceState, DemoSshBehaviour } from './esxi-sshd.ts';
import type { DemoVcenterHost } from './vcenter/demo-vcenter.ts';

export const DEMO_SERVICES = ['hostd', 'vpxa', 'ntpd', 'nsx-opsagent', 'nsx-proxy', 'vvold'] as const;
export type DemoService = (typeof DEMO_SERVICES)[number];

/** One host of the demo fleet: what it is, and what a sweep has to say of it. */
export interface DemoHost extends Pick<DemoEsxiHost, 'commands' | 'esxcli'> {
  readonly name: string;
  readonly address: string;
  /** What the demo's own collectors show of it, in words; empty where that is nothing. Others may find more. */
  readonly story: string;
  readonly vcenter: DemoVcenterHost;
  readonly behaviour: DemoSshBehaviour;
  readonly services: Readonly<Record<DemoService, DemoServiceState>>;
  readonly expected: {
    readonly vcenter: string;
    /** Printed outcomes that are right: of the first sweep, then of later ones. */
    readonly ssh: { readonly first: string; readonly later: string };
  };
}

/** How a host differs from a healthy one. */
interface Peculiarity {
  /** As in DemoHost. */
  readonly story: string;
  readonly vcenter?: Partial<DemoVcenterHost>;
  readonly behaviour?: DemoSshBehaviour;
  readonly stopped?: readonly DemoService[];
  readonly sshService?: 'stopped';
  readonly checks?: DemoChecks;
  readonly ssh?: string | { readonly first: string; readonly later: string };
}

/** By the host's number. */
const PECULIARITIES: Readonly<Record<number, Peculiarity>> = {
  5: {
    story: 'hostd stopped, so localcli answers',
    stopped: ['hostd'],
    vcenter: { overallStatus: 'red' },
    checks: { hostd: 'down' },
  },
  11: {
    story: 'ntpd stopped',
    stopped: ['ntpd'],
    vcenter: { overallStatus: 'yellow', hygiene: { isTimeSynchronized: false } },
    checks: { ntpd: 'down' },
  },
  17: {
    story: 'vpxa and ntpd stopped',
    stopped: ['vpxa', 'ntpd'],
    vcenter: { hygiene: { syslogTarget: '', scratch: '/tmp/scratch' } },
    checks: { version: '6.7', ntpd: 'down', bootbank: 'lost', failedLogins: 3, fullRamdisk: 'tmp' },
  },
  23: {
    story: 'NSX agent stopped',
    stopped: ['nsx-opsagent'],
    vcenter: {
      hygiene: {
        certificate: 'ended',
        rebootRequired: true,
        configIssues: ['HostNoRedundantManagementNetworkEvent', 'esx.problem.net.redundancy.lost'],
        complianceState: 'nonCompliant',
        hasDumpPartition: false,
        deadPaths: 2,
        linksDown: 1,
        lostLuns: 1,
      },
    },
    checks: { deadPaths: 2, crcErrors: 41, disk: 'failing', kernelDumps: 1, logLines: { all_paths_down: 6 } },
  },
  26: {
    story: 'vCenter does not know its status',
    vcenter: { overallStatus: 'gray', hygiene: { haState: 'networkIsolated' } },
  },
  30: {
    story: 'refuses the login',
    behaviour: 'refuses-login',
    ssh: { first: 'failed(auth)', later: 'skipped(blacklist)' },
  },
  37: { story: 'accepts TCP and says nothing', behaviour: 'silent', ssh: 'failed(banner)' },
  40: { story: 'nothing listens on its ssh port', behaviour: 'closed', ssh: 'failed(connection-refused)' },
  42: { story: 'in lockdown', vcenter: { lockdownMode: 'lockdownNormal' }, ssh: 'skipped(lockdown)' },
  48: {
    story: 'hostd died, so vCenter calls it notResponding',
    vcenter: { connectionState: 'notResponding', configUnset: true, overallStatus: 'gray' },
    stopped: ['hostd'],
  },
  53: {
    story: 'powered off',
    vcenter: { powerState: 'poweredOff' },
    behaviour: 'closed',
    ssh: 'skipped(poweredoff)',
  },
  56: {
    story: 'its ssh service is switched off',
    sshService: 'stopped',
    ssh: 'skipped(ssh-disabled)',
  },
  58: { story: '', vcenter: { inMaintenanceMode: true } },
};

const HOSTS = 60;
const HOSTS_PER_CLUSTER = 20;

/** The 60 hosts that `npm start` sweeps. */
export function createDemoFleet(): DemoHost[] {
  return Array.from({ length: HOSTS }, (_, index) => createHost(index + 1));
}

function createHost(number: number): DemoHost {
  const peculiarity = PECULIARITIES[number] ?? { story: '' };
  const { story, vcenter, behaviour = 'normal', stopped = [], checks = {}, ssh = 'ok' } = peculiarity;
  const name = `esx${String(number).padStart(2, '0')}.example.org`;
  const state = (service: DemoService): DemoServiceState =>
    stopped.includes(service) ? 'stopped' : 'running';
  return {
    name,
    address: `127.10.1.${number}`,
    story,
    behaviour,
    ...demoChecks(checks),
    services: {
      hostd: state('hostd'),
      vpxa: state('vpxa'),
      ntpd: state('ntpd'),
      'nsx-opsagent': state('nsx-opsagent'),
      'nsx-proxy': state('nsx-proxy'),
      vvold: state('vvold'),
    },
    vcenter: {
      moref: `host-${1_000 + number}`,
      name,
      cluster: `cluster-${Math.ceil(number / HOSTS_PER_CLUSTER)}`,
      datacenter: 'demo',
      connectionState: 'connected',
      powerState: 'poweredOn',
      inMaintenanceMode: false,
      lockdownMode: 'lockdownDisabled',
      overallStatus: 'green',
      services: vcenterServices(peculiarity),
      ...vcenter,
    },
    expected: { vcenter: 'ok', ssh: typeof ssh === 'string' ? { first: ssh, later: ssh } : ssh },
  };
}

/** Those that a real host tells vCenter of; hostd and the agents of NSX are never among them. */
function vcenterServices({ stopped = [], sshService }: Peculiarity): DemoVcenterHost['services'] {
  return [
    { key: 'DCUI', running: true },
    { key: 'TSM', running: false },
    { key: 'TSM-SSH', running: sshService !== 'stopped' },
    { key: 'ntpd', running: !stopped.includes('ntpd') },
    { key: 'snmpd', running: false },
    { key: 'vmsyslogd', running: true },
    { key: 'vpxa', running: !stopped.includes('vpxa') },
  ];
}
