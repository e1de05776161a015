import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, listOf } from '../vsphere/property/value-fields.ts';
import { runningOf, SERVICES_PATH, SSH_SERVICE } from './host-services.ts';
import type { Item, Kind, ListingOptions } from './kind.ts';
import type { ObjectTree } from './object-tree.ts';

/**
 * A host of a target as the inventory lists it: an item, and what the plan of its logins rests on. What could not be
 * read is undefined or `unreadable`, never a default.
 */
export interface ListedHost extends Item {
  readonly connectionState: 'connected' | 'disconnected' | 'notResponding' | 'unreadable';
  readonly powerState: 'poweredOn' | 'poweredOff' | 'standBy' | 'unknown' | 'unreadable';
  readonly inMaintenanceMode: boolean | undefined;
  readonly lockdownMode: 'lockdownDisabled' | 'lockdownNormal' | 'lockdownStrict' | undefined;
  /** The first address of its management interfaces, when asked for and readable. */
  readonly managementAddress: string | undefined;
  /** What vCenter says of the service TSM-SSH, when asked for; undefined when it did not say. Of this listing only. */
  readonly sshRunning?: boolean | undefined;
  /** Of a host that is a target itself: where its API is asked, so that its ssh is the same account to all who count. */
  readonly ownAddress?: string | undefined;
}

const HOST_PATHS = [
  'name',
  'parent',
  'runtime.connectionState',
  'runtime.powerState',
  'runtime.inMaintenanceMode',
  'config.lockdownMode',
] as const;

const MANAGEMENT_PATH = 'config.virtualNicManagerInfo.netConfig';

/**
 * Whether the ssh service runs, one boolean a host: an element of an array by its key. vSphere Web Services SDK
 * Programming Guide 8.0, "Indexed Array and Key-Based Array Properties": the contents of a key-based array are accessed
 * by the value of the `key` property of its elements, and nested properties can refer to an entry, as in `a.b.c["xyz"]`
 * (docs.vmware.com, GUID-DB836CA6-8316-4B2F-8CE5-8AD933F8DE36). The vSphere API reference has the form with a property
 * behind the key, `foo.arProp["key val"].baz`, under PropertyChange.name. A server that answers InvalidProperty all the
 * same is asked for all services (`listInventory`).
 */
const SSH_RUNNING_PATH = 'config.service.service["TSM-SSH"].running';

const CONNECTION_STATES = ['connected', 'disconnected', 'notResponding'] as const;
const POWER_STATES = ['poweredOn', 'poweredOff', 'standBy', 'unknown'] as const;
const LOCKDOWN_MODES = ['lockdownDisabled', 'lockdownNormal', 'lockdownStrict'] as const;

export const HOST: Kind<ListedHost> = {
  name: 'host',
  types: ['HostSystem'],
  specs: (options) => [
    { type: 'HostSystem', paths: pathsFor(options) },
    { type: 'ComputeResource', paths: ['name', 'parent'] },
    { type: 'Folder', paths: ['parent'] },
    { type: 'Datacenter', paths: ['name', 'parent'] },
  ],
  toItem: toListedHost,
};

const SSH_PATHS = { keyed: SSH_RUNNING_PATH, whole: SERVICES_PATH } as const;

const pathsFor = ({ managementAddress = false, sshService }: ListingOptions): string[] => [
  ...HOST_PATHS,
  ...(managementAddress ? [MANAGEMENT_PATH] : []),
  ...(sshService === undefined ? [] : [SSH_PATHS[sshService]]),
];

/** Of all services the one boolean; without this an object would hold 30 services until all hosts are there. */
export function withSshOnly(object: RetrievedObject): RetrievedObject {
  const services = object.properties.get(SERVICES_PATH);
  if (services === undefined) return object;
  const properties = new Map(object.properties);
  properties.delete(SERVICES_PATH);
  const running = runningOf(services, SSH_SERVICE);
  if (running !== undefined) properties.set(SSH_RUNNING_PATH, running);
  return { ...object, properties };
}

function toListedHost(object: RetrievedObject, name: string, tree: ObjectTree): ListedHost {
  const { moref, properties } = object;
  const inMaintenanceMode = properties.get('runtime.inMaintenanceMode');
  const sshRunning = properties.get(SSH_RUNNING_PATH);
  return {
    moref: moref.value,
    name,
    facts: {
      cluster: tree.nameAbove(object, 'ClusterComputeResource'),
      datacenter: tree.nameAbove(object, 'Datacenter'),
    },
    connectionState: oneOf(CONNECTION_STATES, properties.get('runtime.connectionState')) ?? 'unreadable',
    powerState: oneOf(POWER_STATES, properties.get('runtime.powerState')) ?? 'unreadable',
    inMaintenanceMode: typeof inMaintenanceMode === 'boolean' ? inMaintenanceMode : undefined,
    lockdownMode: oneOf(LOCKDOWN_MODES, properties.get('config.lockdownMode')),
    managementAddress: managementAddressOf(properties.get(MANAGEMENT_PATH)),
    ...(typeof sshRunning === 'boolean' ? { sshRunning } : {}),
  };
}

/**
 * A VirtualNicManagerNetConfig per kind of traffic: `candidateVnic` are the interfaces, `selectedVnic` the keys of
 * those that carry it.
 */
function managementAddressOf(netConfig: PropertyValue | undefined): string | undefined {
  for (const config of listOf(netConfig)) {
    if (fieldOf(config, 'nicType') !== 'management') continue;
    const selected = listOf(fieldOf(config, 'selectedVnic'));
    for (const nic of listOf(fieldOf(config, 'candidateVnic'))) {
      const address = fieldOf(fieldOf(fieldOf(nic, 'spec'), 'ip'), 'ipAddress');
      const key = fieldOf(nic, 'key');
      if (key !== undefined && selected.includes(key) && typeof address === 'string' && address !== '') {
        return address;
      }
    }
  }
  return undefined;
}

function oneOf<Word extends string>(
  words: readonly Word[],
  value: PropertyValue | undefined,
): Word | undefined {
  return words.find((word) => word === value);
}
