import type { DemoEstate, DemoGuest, DemoSnapshot, DemoVirtualMachine } from './vcenter/estate.ts';

const GIBIBYTE = 2 ** 30;
const DATACENTER = 'demo';
const DATASTORES = [
  { moref: 'datastore-11', name: 'fast01', url: 'ds:///vmfs/volumes/5eed0001-00000001-0001-000000000001/' },
  { moref: 'datastore-12', name: 'slow/01', url: 'ds:///vmfs/volumes/5eed0002-00000002-0002-000000000002/' },
] as const;
const NETWORKS = [
  { moref: 'network-21', name: 'VM Network' },
  { moref: 'network-22', name: 'backup' },
] as const;

/** The account in every guest of the demo that runs VMware Tools. */
const GUEST_ACCOUNT = { username: 'monitor', password: 'demo-guest' };

/** What the demo's vCenter has besides hosts: a few of each kind, enough for each poll to have an answer. */
export function createDemoEstate(): DemoEstate {
  return {
    virtualMachines: [
      virtualMachine(1, { name: 'web01', snapshots: [chain(4)] }),
      virtualMachine(2, { name: 'web02', needsCare: true }),
      virtualMachine(3, {
        name: 'db01',
        snapshots: [snapshot(21, 'before patch'), snapshot(22, 'after%patch')],
      }),
      virtualMachine(4, { name: 'build01', hasTools: false }),
      virtualMachine(5, { name: 'old01', powerState: 'poweredOff' }),
      virtualMachine(6, { name: 'sleepy01', powerState: 'suspended' }),
    ],
    datastores: DATASTORES.map((store, index) => ({
      ...store,
      datacenter: DATACENTER,
      capacity: (index + 1) * 1_024 * GIBIBYTE,
      freeSpace: (index + 1) * 256 * GIBIBYTE,
    })),
    networks: NETWORKS.map((network) => ({ ...network, datacenter: DATACENTER })),
    datastoreClusters: [],
    distributedSwitches: [],
    alarms: [
      {
        alarm: 'alarm-6',
        name: 'Host connection and power state',
        systemName: 'alarm.HostConnectionStateAlarm',
        entity: 'host-1048',
        status: 'red',
        time: '2026-01-01T10:00:00.123456Z',
      },
      {
        alarm: 'alarm-7',
        name: 'Virtual machine CPU usage',
        entity: 'vm-101',
        status: 'yellow',
        time: '2026-01-01T11:00:00Z',
        acknowledgedBy: 'operator@vsphere.local',
      },
    ],
    events: [
      {
        key: 4_711,
        createdTime: '2026-01-01T12:00:00.5Z',
        userName: 'operator@vsphere.local',
        message: 'User operator@vsphere.local@192.0.2.10 logged in as vsphere-client/8.0',
      },
    ],
  };
}

/** On the host of the same number. */
function virtualMachine(
  number: number,
  {
    name,
    powerState = 'poweredOn',
    snapshots = [],
    needsCare = false,
    hasTools = powerState === 'poweredOn',
  }: Partial<Pick<DemoVirtualMachine, 'powerState' | 'snapshots' | 'needsCare'>> & {
    name: string;
    hasTools?: boolean;
  },
): DemoVirtualMachine {
  return {
    moref: `vm-${100 + number}`,
    name,
    host: `host-${1_000 + number}`,
    powerState,
    uuid: `42000000-0000-4000-8000-00000000000${number}`,
    instanceUuid: `50000000-0000-4000-8000-00000000000${number}`,
    datastores: DATASTORES.slice(0, 1 + (number % 2)).map(({ moref }) => moref),
    networks: NETWORKS.slice(0, 1 + (number % 2)).map(({ moref }) => moref),
    snapshots,
    needsCare,
    guest: hasTools ? guestOf(number, name) : undefined,
  };
}

function guestOf(number: number, name: string): DemoGuest {
  return {
    hostName: `${name}.example.org`,
    ipAddress: `192.0.2.${100 + number}`,
    disks: [
      { path: '/', capacity: 40 * GIBIBYTE, freeSpace: 10 * GIBIBYTE },
      { path: '/var', capacity: 100 * GIBIBYTE, freeSpace: 60 * GIBIBYTE },
    ],
    account: GUEST_ACCOUNT,
    processes: [
      { pid: 1, owner: 'root', cmdLine: '/sbin/init' },
      { pid: 812, owner: 'www-data', cmdLine: 'nginx: worker process' },
      { pid: 813, owner: 'www-data', cmdLine: 'nginx: worker process' },
    ],
  };
}

function snapshot(id: number, name: string, children: readonly DemoSnapshot[] = []): DemoSnapshot {
  return {
    moref: `snapshot-${id}`,
    id,
    name,
    description: `${name}, taken by the demo`,
    createTime: `2026-01-01T0${id % 10}:00:00Z`,
    quiesced: id % 2 === 0,
    children,
  };
}

/** Snapshots each on top of the last one. */
function chain(depth: number, id = 1): DemoSnapshot {
  return snapshot(id, `level ${id}`, id === depth ? [] : [chain(depth, id + 1)]);
}
