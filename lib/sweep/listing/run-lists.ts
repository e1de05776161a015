import { makeOnce, type Once } from '../../platform/once.ts';
import type { HostList } from './host-list.ts';

/** What the targets of one run have in common of their hosts: no address is asked twice. */
export interface RunLists {
  /** The addresses that are asked, over all targets; each adds its own. */
  readonly addresses: Set<string>;
  /** The last list of a target, read by the first who asks; a failure is left to the next one to try again. */
  readLast(target: string, read: () => Promise<HostList | undefined>): Promise<HostList | undefined>;
}

export function createRunLists(): RunLists {
  const lists = new Map<string, Once<HostList | undefined>>();
  return {
    addresses: new Set(),
    readLast(target, read) {
      const list = lists.get(target) ?? makeOnce<HostList | undefined>();
      lists.set(target, list);
      return list.get(read);
    },
  };
}
