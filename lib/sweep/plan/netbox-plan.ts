import type { ListedHost } from '../../inventory/host.ts';
import type { KnownDevices } from '../../netbox/active-devices.ts';
import { type KnownHost, type Match, matchHosts } from '../../netbox/match-hosts.ts';

/** What a run goes by; the same for all its targets. */
export interface NetboxVerdict {
  /** The list is fresh, or NetBox gave it just now. */
  readonly up: boolean;
  /** Undefined when nothing is known, not even of the last seven days. */
  readonly known: KnownDevices | undefined;
  /** Which hosts may be asked by ssh: those with an active device, or all or none whatever `known` says. */
  readonly asks: 'active' | 'all' | 'none';
  readonly problems: readonly string[];
}

/** What NetBox says of the hosts of one target. */
export interface NetboxPlan {
  readonly verdict: NetboxVerdict;
  /** By moref; a host that is not in it has no active device. Undefined when nothing is known of devices. */
  readonly matches: ReadonlyMap<string, Match> | undefined;
  /** Names of the hosts without an active device, in the order of the list. */
  readonly unmatched: readonly string[];
  /** By moref: the site of the device, else the last that NetBox gave. */
  readonly sites: Readonly<Record<string, string>>;
}

export function planNetbox(
  {
    hosts,
    sites,
  }: { readonly hosts: readonly ListedHost[]; readonly sites: Readonly<Record<string, string>> },
  verdict: NetboxVerdict,
  dialledAt: (host: ListedHost) => string | undefined,
): NetboxPlan {
  const toKnown = (host: ListedHost): KnownHost => ({
    moref: host.moref,
    name: host.name,
    addresses: [host.managementAddress, dialledAt(host)].filter((address) => address !== undefined),
  });
  const matches = verdict.known && matchHosts(hosts.map(toKnown), verdict.known.devices);
  const found = Array.from(matches ?? []).flatMap(([moref, { site }]) =>
    site === undefined ? [] : [[moref, site] as const],
  );
  return {
    verdict,
    matches,
    unmatched: hosts.filter(({ moref }) => matches?.has(moref) === false).map(({ name }) => name),
    sites: { ...sites, ...Object.fromEntries(found) },
  };
}

/** Whether NetBox keeps a host from being asked by ssh. */
export function isSkippedByNetbox({ verdict, matches }: NetboxPlan, moref: string): boolean {
  switch (verdict.asks) {
    case 'all':
      return false;
    case 'none':
      return true;
    case 'active':
      return matches?.has(moref) === false;
  }
}

/** The site that NetBox gave a host, now or last; undefined when it never did. */
export function netboxSiteOf(plan: NetboxPlan | undefined, moref: string): string | undefined {
  return plan !== undefined && Object.hasOwn(plan.sites, moref) ? plan.sites[moref] : undefined;
}
