import type { TargetConfig } from '../../config/schema.ts';
import type { ListedHost } from '../../inventory/host.ts';
import type { HostList } from './host-list.ts';

type Listing = Pick<TargetConfig, 'site' | 'hosts'>;

/** The hosts that the configuration lists of a target, as a list of vCenter's would have them; of each only the name. */
export function configuredList({ hosts }: Pick<TargetConfig, 'hosts'>, now: number): HostList | undefined {
  if (hosts === undefined) return undefined;
  const names = new Set(hosts.map(({ name }) => name));
  return { listedAt: now, hosts: Array.from(names, toListedHost), unreadable: [], sites: {} };
}

/** Nothing is known of its state, and so nothing keeps it from being asked by ssh. */
const toListedHost = (name: string): ListedHost => ({
  moref: name,
  name,
  connectionState: 'unreadable',
  powerState: 'unreadable',
  inMaintenanceMode: undefined,
  lockdownMode: undefined,
  facts: {},
  managementAddress: undefined,
});

/**
 * The label `site` of a host by its name: that of its entry under `hosts`, which may have the name with or without
 * its domain, else that of the target.
 */
export function sitesOf({ site, hosts = [] }: Listing): (name: string) => string {
  const full = new Map(hosts.map((host) => [host.name.toLowerCase(), host.site]));
  const short = Map.groupBy(hosts, ({ name }) => shortName(name));
  return (name) => {
    const [alike, ...others] = short.get(shortName(name)) ?? [];
    const isUnique = others.length === 0;
    return full.get(name.toLowerCase()) ?? (isUnique ? alike?.site : undefined) ?? site;
  };
}

/** An address has no short form. */
function shortName(name: string): string {
  const lower = name.toLowerCase();
  return /^[\d.]+$|:/.test(lower) ? lower : (lower.split('.', 1)[0] ?? lower);
}
