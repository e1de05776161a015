import * as z from 'zod';
import type { ListedHost } from '../../inventory/host.ts';
import type { Inventory } from '../../inventory/list-inventory.ts';

/** The hosts of a target, fresh from vCenter or as they were listed last. */
export interface HostList {
  /** Milliseconds since the epoch. */
  readonly listedAt: number;
  readonly hosts: readonly ListedHost[];
  /** Morefs of hosts whose name could not be read; they count as hosts. */
  readonly unreadable: readonly string[];
  /** By moref, the sites that NetBox gave last; of hosts that it knew, no others. */
  readonly sites: Readonly<Record<string, string>>;
}

/** A list stands in for a vCenter that cannot be listed for so long. */
export const MAX_LIST_AGE_MS = 24 * 3_600_000;

const listedHost = z
  .object({
    moref: z.string().min(1),
    name: z.string(),
    connectionState: z.enum(['connected', 'disconnected', 'notResponding', 'unreadable']),
    powerState: z.enum(['poweredOn', 'poweredOff', 'standBy', 'unknown', 'unreadable']),
    inMaintenanceMode: z.boolean().optional(),
    lockdownMode: z.enum(['lockdownDisabled', 'lockdownNormal', 'lockdownStrict']).optional(),
    facts: z
      .object({ cluster: z.string().exactOptional(), datacenter: z.string().exactOptional() })
      .default({}),
    managementAddress: z.string().optional(),
    ownAddress: z.string().optional(),
  })
  .transform(
    ({ inMaintenanceMode, lockdownMode, managementAddress, ...host }): ListedHost => ({
      ...host,
      inMaintenanceMode,
      lockdownMode,
      managementAddress,
    }),
  );

/** How a list is stored. */
export const storedHostList = z.object({
  hosts: z.array(listedHost).max(100_000),
  unreadable: z.array(z.string().min(1)).max(100_000),
  sites: z.record(z.string(), z.string().max(256)).default({}),
});

/**
 * A fresh listing, in which a host whose name did not come keeps the name that it had in the last list, and one whose
 * configuration is gone (`notResponding`) its management address, so that both are still asked by ssh. Every host
 * keeps its last site.
 */
export function withLastKnown(
  listing: Pick<Inventory, 'hosts' | 'unreadable'>,
  listedAt: number,
  last: HostList | undefined,
): HostList {
  const known = new Map(last?.hosts.map((host) => [host.moref, host]));
  const remembered = listing.unreadable.map((moref) => known.get(moref));
  return {
    listedAt,
    hosts: [
      ...listing.hosts.map((host) => ({
        ...host,
        managementAddress: host.managementAddress ?? known.get(host.moref)?.managementAddress,
      })),
      ...remembered
        .filter((host) => host !== undefined)
        .map(
          ({ moref, name, facts, managementAddress, ownAddress }): ListedHost => ({
            moref,
            name,
            facts,
            managementAddress,
            ownAddress,
            connectionState: 'unreadable',
            powerState: 'unreadable',
            inMaintenanceMode: undefined,
            lockdownMode: undefined,
          }),
        ),
    ],
    unreadable: listing.unreadable.filter((moref) => !known.has(moref)),
    sites: sitesOf([...listing.hosts.map(({ moref }) => moref), ...listing.unreadable], last?.sites ?? {}),
  };
}

/** Of `sites` those of these hosts. */
function sitesOf(
  morefs: readonly string[],
  sites: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    morefs.flatMap((moref) => {
      const site = Object.hasOwn(sites, moref) ? sites[moref] : undefined;
      return site === undefined ? [] : [[moref, site]];
    }),
  );
}
