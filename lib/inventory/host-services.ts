import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';

export const SERVICES_PATH = 'config.service';

/** What `readHostServices` reads of a HostSystem. */
export const HOST_SERVICES_PATHS = ['runtime.connectionState', SERVICES_PATH] as const;

/** The key of the ssh service. */
export const SSH_SERVICE = 'TSM-SSH';

/** A HostService; `running` is undefined when it was neither true nor false, `key` empty when there was none. */
export interface HostService {
  readonly key: string;
  readonly running: boolean | undefined;
}

/**
 * The services of a host that vCenter knows. It has a copy of a host's configuration, which the host's agent brings
 * up to date: of a host that is not connected the copy is `stale` (or gone), and nothing in it may be believed.
 */
export type HostServices =
  | { readonly kind: 'read'; readonly services: readonly HostService[] }
  | { readonly kind: 'stale' }
  | { readonly kind: 'unreadable'; readonly path: string; readonly fault: string };

export function readHostServices({
  properties,
  missing,
}: Pick<RetrievedObject, 'properties' | 'missing'>): HostServices {
  const unreadable = (path: string): HostServices => ({
    kind: 'unreadable',
    path,
    fault: missing.get(path) ?? 'vCenter sent no value',
  });
  const [statePath, servicesPath] = HOST_SERVICES_PATHS;
  const state = properties.get(statePath);
  if (state === undefined) return unreadable(statePath);
  if (state !== 'connected') return { kind: 'stale' };
  const info = properties.get(servicesPath);
  if (info === undefined) return unreadable(servicesPath);
  return { kind: 'read', services: servicesOf(info) };
}

/** Whether the service of that key runs, by a HostServiceInfo; undefined when it does not say. */
export const runningOf = (info: PropertyValue, service: string): boolean | undefined =>
  servicesOf(info).find(({ key }) => key === service)?.running;

/** An answer whose types are not known has text for a boolean and no array for a single service. */
function servicesOf(info: PropertyValue): HostService[] {
  const services = field(info, 'service') ?? [];
  return (Array.isArray(services) ? services : [services]).map(toHostService);
}

function toHostService(service: PropertyValue): HostService {
  const key = field(service, 'key');
  const running = String(field(service, 'running'));
  return {
    key: typeof key === 'string' ? key : '',
    running: running === 'true' ? true : running === 'false' ? false : undefined,
  };
}

function field(value: PropertyValue, name: string): PropertyValue | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, PropertyValue>>)[name];
}
