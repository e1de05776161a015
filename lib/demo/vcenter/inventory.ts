import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { escapeXml, textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoVcenterHost } from './demo-host.ts';

/** An object of the inventory with the XML of each property that is set. */
export interface ManagedObject extends MoRef {
  /** Property path -> its `val` element. */
  readonly properties: ReadonlyMap<string, string>;
  /** Property paths, or beginnings of them, that nobody may read. */
  readonly unreadable: readonly string[];
}

export const ROOT_FOLDER: MoRef = { type: 'Folder', value: 'group-d1' };

/** What may be asked of each type; anything else is an InvalidProperty fault, as in vCenter. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  HostSystem: [
    'name',
    'parent',
    'overallStatus',
    'runtime.connectionState',
    'runtime.powerState',
    'runtime.inMaintenanceMode',
    'config.lockdownMode',
    'config.option',
    'config.service',
    'config.service.service',
    'config.virtualNicManagerInfo.netConfig',
  ],
  ComputeResource: ['name', 'parent'],
  Folder: ['name', 'parent'],
  Datacenter: ['name', 'parent'],
  SessionManager: ['currentSession', 'sessionList'],
};

export function isKnownPath(type: string, path: string): boolean {
  return PATHS[type]?.includes(path) ?? false;
}

export function isOfType(object: MoRef, type: string): boolean {
  return object.type === type || (type === 'ComputeResource' && object.type === 'ClusterComputeResource');
}

/** Everything below the root folder: datacenters, their host folders, clusters, and the hosts in their order. */
export function toInventory(hosts: readonly DemoVcenterHost[]): ReadonlyMap<string, ManagedObject> {
  const objects = new Map<string, ManagedObject>();
  const ids = new Map<string, string>();
  /** Adds an object the first time that something stands below it. */
  const under = (parent: MoRef, { type, id, name }: { type: string; id: string; name: string }): MoRef => {
    const key = `${parent.value}/${type}/${name}`;
    const object = { type, value: ids.get(key) ?? `${id}${ids.size + 1}` };
    ids.set(key, object.value);
    objects.set(object.value, { ...object, properties: entity(name, parent), unreadable: [] });
    return object;
  };
  const parents = hosts.map(({ name, datacenter, cluster }) => {
    const above = under(ROOT_FOLDER, { type: 'Datacenter', id: 'datacenter-', name: datacenter });
    const folder = under(above, { type: 'Folder', id: 'group-h', name: 'host' });
    return cluster === ''
      ? under(folder, { type: 'ComputeResource', id: 'domain-s', name })
      : under(folder, { type: 'ClusterComputeResource', id: 'domain-c', name: cluster });
  });
  for (const [index, host] of hosts.entries()) {
    objects.set(host.moref, toHost(host, parents[index] ?? ROOT_FOLDER));
  }
  return objects;
}

function toHost(host: DemoVcenterHost, parent: MoRef): ManagedObject {
  const services = (name: string) => host.services.map((service) => toService(name, service)).join('');
  const config: [string, string][] = [
    ['config.lockdownMode', value('HostLockdownMode', host.lockdownMode)],
    ['config.option', toOptions(host.options)],
    ['config.service', element('val', 'HostServiceInfo', services('service'))],
    ['config.service.service', element('val', 'ArrayOfHostService', services('HostService'))],
    ['config.virtualNicManagerInfo.netConfig', toNetConfig(host.managementAddress)],
  ];
  return {
    type: 'HostSystem',
    value: host.moref,
    unreadable: host.unreadable ?? [],
    properties: new Map([
      ...entity(host.name, parent),
      ['overallStatus', value('ManagedEntityStatus', host.overallStatus)],
      ['runtime.connectionState', value('HostSystemConnectionState', host.connectionState)],
      ['runtime.powerState', value('HostSystemPowerState', host.powerState)],
      ['runtime.inMaintenanceMode', value('xsd:boolean', String(host.inMaintenanceMode))],
      ...(host.configUnset ? [] : config),
    ]),
  };
}

function entity(name: string, parent: MoRef): Map<string, string> {
  const encoded = name.replace(/[%/\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  const parentValue = `<val type="${parent.type}" xsi:type="ManagedObjectReference">${parent.value}</val>`;
  return new Map([
    ['name', value('xsd:string', encoded)],
    ['parent', parentValue],
  ]);
}

function toService(name: string, { key, running }: DemoVcenterHost['services'][number]): string {
  const before = textElement('key', key) + textElement('label', key) + textElement('required', 'false');
  return `<${name}>${before}${textElement('running', String(running))}${textElement('policy', 'on')}</${name}>`;
}

function toOptions(options: DemoVcenterHost['options'] = {}): string {
  const all = Object.entries(options).map(
    ([key, number]) =>
      `<OptionValue>${textElement('key', key)}${element('value', 'xsd:long', String(number))}</OptionValue>`,
  );
  return element('val', 'ArrayOfOptionValue', all.join(''));
}

function toNetConfig(address: string | undefined): string {
  const nic = (key: string, ip: string) =>
    `<candidateVnic>${textElement('key', key)}${textElement('device', 'vmk0')}<portgroup></portgroup>` +
    `<spec><ip><dhcp>false</dhcp>${textElement('ipAddress', ip)}</ip></spec></candidateVnic>`;
  const config = (nicType: string, ip: string) =>
    `<VirtualNicManagerNetConfig><nicType>${nicType}</nicType><multiSelectAllowed>true</multiSelectAllowed>` +
    `${nic(`${nicType}.unused`, '192.0.2.1')}${nic(`${nicType}.vmk0`, ip)}` +
    `<selectedVnic>${nicType}.vmk0</selectedVnic></VirtualNicManagerNetConfig>`;
  const configs = address === undefined ? '' : config('vmotion', '192.0.2.2') + config('management', address);
  return element('val', 'ArrayOfVirtualNicManagerNetConfig', configs);
}

function value(type: string, text: string): string {
  return element('val', type, escapeXml(text));
}

function element(name: string, type: string, content: string): string {
  return `<${name} xsi:type="${type}">${content}</${name}>`;
}
