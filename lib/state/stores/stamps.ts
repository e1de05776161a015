import * as z from 'zod';
import { joinKey, parseItem } from '../item.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/**
 * `hostkeys`: a pinned key was replaced or forgotten. `addresses`: a target lists other addresses than before.
 */
export type Stamp = 'hostkeys' | 'addresses';

/**
 * Texts that are another one after a change, so that what was kept of many items holds while its stamp is the same. Who
 * reads items in order to keep them reads the stamp before.
 */
export interface Stamps {
  /** Empty before the first change. */
  read(stamp: Stamp, options: Options): Promise<string>;
  renew(stamp: Stamp, options: Options): Promise<void>;
}

const stampItem = z.object({ id: z.string().min(1) });

export function createStamps({ table, randomId }: { table: Table; randomId: () => string }): Stamps {
  const keyOf = (stamp: Stamp) => ({ pk: joinKey('stamps'), sk: stamp });
  return {
    async read(stamp, options) {
      const item = await table.get(keyOf(stamp), options);
      return item === undefined ? '' : parseItem(stampItem, item).id;
    },
    async renew(stamp, options) {
      await table.replace({ ...keyOf(stamp), id: randomId() }, options);
    },
  };
}
