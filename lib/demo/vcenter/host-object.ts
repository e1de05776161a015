import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import { toHealth } from './host-health.ts';
import { toConfiguration, toState } from './host-hygiene.ts';
import { type ManagedObject, toEntity } from './managed-object.ts';
import { element, moRefsValue, moRefValue, value } from './property-xml.ts';

const HZ = 2_400_000_000;

/** What else of the inventory is on a host. */
export interface OnHost {
  readonly virtualMachines: readonly MoRef[];
  readonly datastores: readonly MoRef[];
  readonly networks: readonly MoRef[];
}

export function vsanSystemOf({ moref }: DemoVcenterHost): MoRef {
  return { type: 'HostVsanSystem', value: `vsanSystem-${moref}` };
}

export const dateTimeSystemOf = ({ moref }: DemoVcenterHost): MoRef => ({
  type: 'HostDateTimeSystem',
  value: `dateTimeSystem-${moref}`,
});

const serviceSystemOf = ({ moref }: DemoVcenterHost): MoRef => ({
  type: 'HostServiceSystem',
  value: `serviceSystem-${moref}`,
});

/** Beside the inventory, where a host's properties point to. */
export function toServiceSystem(host: DemoVcenterHost): ManagedObject {
  const properties = new Map([['serviceInfo', toServiceInfo(host)]]);
  return { ...serviceSystemOf(host), properties, unreadable: [] };
}

export function toHost(host: DemoVcenterHost, parent: MoRef, on: OnHost): ManagedObject {
  const self = { type: 'HostSystem', value: host.moref };
  const config: [string, string][] = [
    ['config.lockdownMode', value('HostLockdownMode', host.lockdownMode)],
    ['config.option', toOptions(host.options)],
    ['config.service', toServiceInfo(host)],
    ['config.service.service', element('val', 'ArrayOfHostService', toServices(host, 'HostService'))],
    ['config.virtualNicManagerInfo.netConfig', toNetConfig(host.managementAddress)],
    ...toConfiguration(host),
  ];
  const ssh = host.services.find(({ key }) => key === 'TSM-SSH');
  if (ssh !== undefined)
    config.push(['config.service.service["TSM-SSH"].running', value('xsd:boolean', ssh.running)]);
  const entity = toEntity(self, { name: host.name, parent }, [
    ['overallStatus', value('ManagedEntityStatus', host.overallStatus)],
    ['runtime.connectionState', value('HostSystemConnectionState', host.connectionState)],
    ['runtime.powerState', value('HostSystemPowerState', host.powerState)],
    ['runtime.inMaintenanceMode', value('xsd:boolean', host.inMaintenanceMode)],
    ['configManager.dateTimeSystem', moRefValue(dateTimeSystemOf(host))],
    ['configManager.serviceSystem', moRefValue(serviceSystemOf(host))],
    ['configManager.vsanSystem', moRefValue(vsanSystemOf(host))],
    ['hardware.cpuInfo.hz', value('xsd:long', HZ)],
    ...toHealth(host),
    ...toState(host),
    ['vm', moRefsValue(on.virtualMachines)],
    ['datastore', moRefsValue(on.datastores)],
    ['network', moRefsValue(on.networks)],
    ...(host.configUnset ? [] : config),
  ]);
  return { ...entity, unreadable: host.unreadable ?? [] };
}

const toServiceInfo = (host: DemoVcenterHost) =>
  element('val', 'HostServiceInfo', toServices(host, 'service'));

const toServices = ({ services }: DemoVcenterHost, name: string) =>
  services.map((service) => toService(name, service)).join('');

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
