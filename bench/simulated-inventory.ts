import { startDemoVcenter } from '../lib/demo/vcenter/demo-vcenter.ts';
import type { DemoEstate, DemoVirtualMachine } from '../lib/demo/vcenter/estate.ts';
import { NO_ESTATE } from '../lib/demo/vcenter/estate.ts';
import type { DemoTag } from '../lib/demo/vcenter/rest-service.ts';
import { healthyHost, morefOf, PASSWORD } from './simulated-fleet.ts';

/**
 * A simulated vCenter with virtual machines and their tags, in a process of its own. One argument, an InventoryOrder in
 * JSON; prints one line, where it listens, in JSON; ends when its standard input does.
 */
export interface InventoryOrder {
  readonly hosts: number;
  readonly machines: number;
  /** Of each machine: one of every category. */
  readonly tags: number;
}

export interface SimulatedInventory {
  readonly url: string;
  readonly sha256: string;
  readonly user: string;
  readonly password: string;
}

const USER = 'vsweep@vsphere.local';
/** Tags of a category. */
const VALUES = 10;
const GIBIBYTE = 2 ** 30;
const DATASTORES = Array.from({ length: 20 }, (_, index) => ({
  moref: `datastore-${index}`,
  name: `store${index}`,
  datacenter: 'bench',
  url: `ds:///vmfs/volumes/5eed0001-00000001-0001-0000000000${String(index).padStart(2, '0')}/`,
  capacity: 1_024 * GIBIBYTE,
  freeSpace: 256 * GIBIBYTE,
}));

const machineRef = (index: number): string => `vm-${10_000 + index}`;

export function makeEstate({ hosts, machines, tags }: InventoryOrder): DemoEstate {
  return {
    ...NO_ESTATE,
    virtualMachines: Array.from({ length: machines }, (_, index) => toMachine(index, hosts)),
    datastores: DATASTORES,
    networks: [{ moref: 'network-1', name: 'VM Network', datacenter: 'bench' }],
    tags: Array.from({ length: tags }, (_, category) =>
      Array.from({ length: VALUES }, (_, value) => toTag({ category, value, machines })),
    ).flat(),
  };
}

function toMachine(index: number, hosts: number): DemoVirtualMachine {
  const id = String(index).padStart(12, '0');
  return {
    moref: machineRef(index),
    name: `machine-${index}.example.org`,
    host: morefOf(index % hosts),
    powerState: 'poweredOn',
    uuid: `42000000-0000-4000-8000-${id}`,
    instanceUuid: `50000000-0000-4000-8000-${id}`,
    datastores: [DATASTORES[index % DATASTORES.length]?.moref ?? ''],
    networks: ['network-1'],
    snapshots: [],
    guest: {
      hostName: `machine-${index}.example.org`,
      ipAddress: '192.0.2.10',
      disks: [{ path: '/', capacity: 40 * GIBIBYTE, freeSpace: 10 * GIBIBYTE }],
      account: { username: 'monitor', password: PASSWORD },
      processes: [],
    },
  };
}

const toTag = (of: {
  readonly category: number;
  readonly value: number;
  readonly machines: number;
}): DemoTag => ({
  id: `urn:vmomi:InventoryServiceTag:${of.category}-${of.value}:GLOBAL`,
  category: `Category ${of.category}`,
  name: `value ${of.value} of ${of.category}`,
  objects: Array.from({ length: of.machines }, (_, index) => index)
    .filter((index) => (index + of.category) % VALUES === of.value)
    .map((index) => ({ type: 'VirtualMachine', id: machineRef(index) })),
});

if (import.meta.main) await serve(JSON.parse(process.argv[2] ?? '{}') as InventoryOrder);

async function serve(order: InventoryOrder): Promise<void> {
  const vcenter = await startDemoVcenter({
    users: { [USER]: PASSWORD },
    hosts: Array.from({ length: order.hosts }, (_, index) => healthyHost(index)),
    estate: makeEstate(order),
  });
  const made: SimulatedInventory = {
    url: vcenter.url,
    sha256: vcenter.sha256,
    user: USER,
    password: PASSWORD,
  };
  console.log(JSON.stringify(made));
  process.stdin.resume().on('end', () => process.exit(0));
}
