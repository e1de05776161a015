import type { PropertyValue, RetrievedObject } from '../../vsphere/property/retrieved-object.ts';

/** What `isSshDisabled` reads of a host. */
export const SSH_DISABLED_PATHS = ['runtime.connectionState', 'config.service'] as const;

/**
 * Whether vCenter says that the ssh service of a host is stopped, which is believed of a connected host only: of any
 * other the configuration is vCenter's old copy. What cannot be read says nothing.
 */
export function isSshDisabled(object: RetrievedObject): boolean {
  if (object.properties.get('runtime.connectionState') !== 'connected') return false;
  const config = object.properties.get('config.service');
  const services = field(config, 'service');
  const list = Array.isArray(services) ? services : [services];
  return list.some(
    (service) => field(service, 'key') === 'TSM-SSH' && String(field(service, 'running')) === 'false',
  );
}

/** HostServiceInfo and HostService are data objects; a single service is not an array (see PropertyValue). */
function field(value: PropertyValue | undefined, name: string): PropertyValue | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, PropertyValue>>)[name];
}
