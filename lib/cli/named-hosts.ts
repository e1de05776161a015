import type { LoadedConfig } from '../config/loaded-config.ts';
import type { ListedHost } from '../inventory/host.ts';
import { systemClock } from '../platform/clock.ts';
import type { HostAddress } from '../state/address-map.ts';
import type { State } from '../state/state.ts';
import { readLastList } from '../sweep/listing/list-target.ts';
import { normalDial } from '../sweep/plan/address.ts';

/** A host of a stored list, and where it is dialled; nowhere when no host is asked by ssh. */
export interface NamedHost extends Pick<ListedHost, 'moref' | 'name'> {
  readonly target: string;
  readonly dial: HostAddress | undefined;
}

/** The hosts of the stored lists of all targets, or of one. A list that is too old or cannot be read has none. */
export async function readNamedHosts(
  { hostLists }: Pick<State, 'hostLists'>,
  { config: { targets, esxi } }: LoadedConfig,
  { target, signal }: { target?: string | undefined; signal: AbortSignal },
): Promise<NamedHost[]> {
  const asked = targets.filter(({ name }) => target === undefined || name === target);
  const found = await Promise.all(
    asked.map(async ({ name }) => {
      const list = await readLastList(name, { hostLists, clock: systemClock }, { signal }).catch(
        () => undefined,
      );
      return (list?.hosts ?? []).map((host) => ({
        target: name,
        moref: host.moref,
        name: host.name,
        dial: esxi && normalDial(host, esxi),
      }));
    }),
  );
  return found.flat();
}

/** Those that vCenter calls so; names are compared without regard to case. */
export const calledSo = (hosts: readonly NamedHost[], name: string): NamedHost[] =>
  hosts.filter((host) => host.name.toLowerCase() === name.toLowerCase());
