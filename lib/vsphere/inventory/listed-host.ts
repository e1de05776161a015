import type { MoRef, PropertyValue, RetrievedObject } from '../property/retrieved-object.ts';
import { fieldOf, isMoRef, listOf } from '../property/value-fields.ts';
import { decodeName } from './names.ts';

/** A host of a target as the inventory lists it. What could not be read is undefined or `unreadable`, never a default. */
export interface ListedHost {
  readonly moref: string;
  readonly name: string;
  readonly connectionState: 'connected' | 'disconnected' | 'notResponding' | 'unreadable';
  readonly powerState: 'poweredOn' | 'poweredOff' | 'standBy' | 'unknown' | 'unreadable';
  readonly inMaintenanceMode: boolean | undefined;
  readonly lockdownMode: 'lockdownDisabled' | 'lockdownNormal' | 'lockdownStrict' | undefined;
  /** Empty for a host outside of a cluster, and when the cluster's name cannot be read. */
  readonly cluster: string;
  /** Empty when no datacenter above the host can be read. */
  readonly datacenter: string;
  /** The first address of its management interfaces, when asked for and readable. */
  readonly managementAddress: string | undefined;
  /** What vCenter says of the service TSM-SSH, when asked for; undefined when it did not say. Of this listing only. */
  readonly sshRunning?: boolean | undefined;
  /** Of a host that is a target itself: where its API is asked, so that its ssh is the same account to all who count. */
  readonly ownAddress?: string | undefined;
}

export interface HostListing {
  readonly hosts: readonly ListedHost[];
  /** References of hosts whose name did not come: they count as hosts all the same. */
  readonly unreadable: readonly string[];
}

export const HOST_PATHS = [
  'name',
  'parent',
  'runtime.connectionState',
  'runtime.powerState',
  'runtime.inMaintenanceMode',
  'config.lockdownMode',
] as const;

export const MANAGEMENT_PATH = 'config.virtualNicManagerInfo.netConfig';

/**
 * Whether the ssh service runs, one boolean a host: an element of an array by its key. vSphere Web Services SDK
 * Programming Guide 8.0, "Indexed Array and Key-Based Array Properties": the contents of a key-based array are accessed
 * by the value of the `key` property of its elements, and nested properties can refer to an entry, as in `a.b.c["xyz"]`
 * (docs.vmware.com, GUID-DB836CA6-8316-4B2F-8CE5-8AD933F8DE36). The vSphere API reference has the form with a property
 * behind the key, `foo.arProp["key val"].baz`, under PropertyChange.name. A server that answers InvalidProperty all the
 * same is asked for all services (`listHosts`).
 */
export const SSH_RUNNING_PATH = 'config.service.service["TSM-SSH"].running';

const CONNECTION_STATES = ['connected', 'disconnected', 'notResponding'] as const;
const POWER_STATES = ['poweredOn', 'poweredOff', 'standBy', 'unknown'] as const;
const LOCKDOWN_MODES = ['lockdownDisabled', 'lockdownNormal', 'lockdownStrict'] as const;

/** Deeper than folders are nested anywhere; ends the walk upwards in an inventory that has a circle. */
const MAX_ANCESTORS = 64;

/** Makes the listing out of hosts and the objects above them (compute resources, folders, datacenters). */
export function toHostListing(objects: Iterable<RetrievedObject>): HostListing {
  const all = new Map<string, RetrievedObject>();
  for (const object of objects) all.set(keyOf(object.moref), object);
  const hosts: ListedHost[] = [];
  const unreadable: string[] = [];
  for (const object of all.values()) {
    if (object.moref.type !== 'HostSystem') continue;
    const name = nameOf(object);
    if (name === undefined) unreadable.push(object.moref.value);
    else hosts.push(toListedHost(object, { name, all }));
  }
  return { hosts, unreadable };
}

function toListedHost(
  { moref, properties }: RetrievedObject,
  { name, all }: { name: string; all: ReadonlyMap<string, RetrievedObject> },
): ListedHost {
  const ancestors = ancestorsOf(properties.get('parent'), all);
  const inMaintenanceMode = properties.get('runtime.inMaintenanceMode');
  const sshRunning = properties.get(SSH_RUNNING_PATH);
  const nameOfFirst = (type: string) => {
    const found = ancestors.find((one) => one.moref.type === type);
    return (found && nameOf(found)) ?? '';
  };
  return {
    moref: moref.value,
    name,
    connectionState: oneOf(CONNECTION_STATES, properties.get('runtime.connectionState')) ?? 'unreadable',
    powerState: oneOf(POWER_STATES, properties.get('runtime.powerState')) ?? 'unreadable',
    inMaintenanceMode: typeof inMaintenanceMode === 'boolean' ? inMaintenanceMode : undefined,
    lockdownMode: oneOf(LOCKDOWN_MODES, properties.get('config.lockdownMode')),
    cluster: nameOfFirst('ClusterComputeResource'),
    datacenter: nameOfFirst('Datacenter'),
    managementAddress: managementAddressOf(properties.get(MANAGEMENT_PATH)),
    ...(typeof sshRunning === 'boolean' ? { sshRunning } : {}),
  };
}

function ancestorsOf(
  parent: PropertyValue | undefined,
  all: ReadonlyMap<string, RetrievedObject>,
): RetrievedObject[] {
  const ancestors: RetrievedObject[] = [];
  let next = isMoRef(parent) ? all.get(keyOf(parent)) : undefined;
  while (next !== undefined && ancestors.length < MAX_ANCESTORS) {
    ancestors.push(next);
    const above = next.properties.get('parent');
    next = isMoRef(above) ? all.get(keyOf(above)) : undefined;
  }
  return ancestors;
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

function nameOf({ properties }: RetrievedObject): string | undefined {
  const name = properties.get('name');
  return typeof name === 'string' && name !== '' ? decodeName(name) : undefined;
}

function keyOf({ type, value }: MoRef): string {
  return `${type}:${value}`;
}

function oneOf<Word extends string>(
  words: readonly Word[],
  value: PropertyValue | undefined,
): Word | undefined {
  return words.find((word) => word === value);
}
