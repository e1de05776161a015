import type { Device } from './device.ts';
import { normalIp } from './ip-address.ts';

/** A host as vCenter lists it. */
export interface KnownHost {
  readonly moref: string;
  readonly name: string;
  /** Its management address, and whatever address it is dialled at. */
  readonly addresses: readonly string[];
}

/** How the device of a host was found. */
export const MATCHED_BY = ['name', 'address', 'short-name'] as const;
type MatchedBy = (typeof MATCHED_BY)[number];

export interface Match {
  readonly by: MatchedBy;
  /** The slug of its site; undefined when it has none, or when several devices are meant that differ in it. */
  readonly site: string | undefined;
}

/**
 * Which hosts NetBox calls active, by moref; a host that is not in it has no active device. A host is matched by its
 * full name; else by an address that is the primary one of a device; else by its short name, if no other host and no
 * other device has it. Case and a dot at the end do not count. Names and addresses that several devices share match
 * all of them: the host is active whichever it is.
 */
export function matchHosts(
  hosts: readonly KnownHost[],
  devices: readonly Device[],
): ReadonlyMap<string, Match> {
  const byName = groupBy(devices, ({ name }) => (name === undefined ? [] : [normalName(name)]));
  const byAddress = groupBy(devices, ({ addresses }) => addresses);
  const byShortName = groupBy(devices, ({ name }) => (name === undefined ? [] : shortNames(name)));
  const hostsByShortName = groupBy(hosts, ({ name }) => shortNames(name));

  const find = (host: KnownHost): Match | undefined => {
    const addresses = [host.name, ...host.addresses].flatMap((text) => normalIp(text) ?? []);
    const there = addresses.flatMap((address) => byAddress.get(address) ?? []);
    const named = byName.get(normalName(host.name)) ?? [];
    if (named.length > 0) return toMatch('name', oneThatIsIn(named, there));
    if (there.length > 0) return toMatch('address', there);
    const [short] = shortNames(host.name);
    if (short === undefined || hostsByShortName.get(short)?.length !== 1) return undefined;
    const alike = byShortName.get(short) ?? [];
    return alike.length === 1 ? toMatch('short-name', alike) : undefined;
  };
  return new Map(
    hosts.flatMap((host) => {
      const match = find(host);
      return match === undefined ? [] : [[host.moref, match] as const];
    }),
  );
}

/** Of devices of one name those at the host's address, if there are any. */
function oneThatIsIn(named: readonly Device[], there: readonly Device[]): readonly Device[] {
  const both = named.filter((device) => there.includes(device));
  return both.length > 0 ? both : named;
}

function toMatch(by: MatchedBy, devices: readonly Device[]): Match {
  const sites = new Set(devices.map(({ site }) => site));
  return { by, site: sites.size === 1 ? devices[0]?.site : undefined };
}

/** `esx01` of `esx01.example.org`; an address has none. */
function shortNames(name: string): string[] {
  const [short = ''] = normalName(name).split('.', 1);
  return short === '' || normalIp(name) !== undefined ? [] : [short];
}

const normalName = (name: string) => name.trim().toLowerCase().replace(/\.+$/, '');

function groupBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [item]);
      else group.push(item);
    }
  }
  return groups;
}
