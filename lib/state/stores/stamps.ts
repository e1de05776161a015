import * as z from 'zod';
import { type Item, joinKey, parseItem } from '../item.ts';
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
  /** Empty before the first change; undefined while one is under way: what is read then may be old a moment later. */
  read(stamp: Stamp, options: Options): Promise<string | undefined>;
  renew(stamp: Stamp, options: Options): Promise<void>;
  /**
   * Does the work of a change. It is under way from before the work until the work resolved, and where it rejects, or
   * the process ends, for an hour: nobody knows then whether the work was done, or when it will be.
   */
  during<T>(stamp: Stamp, work: () => Promise<T>, options: Options): Promise<T>;
}

/** Longer than a write may be on its way. */
const MAX_UNDER_WAY_MS = 60 * 60_000;

const OPEN = 'open_';

const stampItem = z.object({ id: z.string().min(1) });

export function createStamps({
  table,
  randomId,
  now,
}: {
  table: Table;
  randomId: () => string;
  now: () => number;
}): Stamps {
  const keyOf = (stamp: Stamp) => ({ pk: joinKey('stamps'), sk: stamp });
  /** The attributes of changes that began, and whether each is over, whatever became of it. */
  const begun = (item: Item) =>
    Object.entries(item)
      .filter(([name]) => name.startsWith(OPEN))
      .map(([name, at]) => ({ name, isOver: !(typeof at === 'number' && now() - at < MAX_UNDER_WAY_MS) }));
  return {
    async read(stamp, options) {
      const item = await table.get(keyOf(stamp), options);
      if (item === undefined) return '';
      const { id } = parseItem(stampItem, item);
      return begun(item).every(({ isOver }) => isOver) ? id : undefined;
    },
    async renew(stamp, options) {
      await table.update(keyOf(stamp), { set: { id: randomId() } }, options);
    },
    async during(stamp, work, options) {
      // DynamoDB takes letters, digits and underscores.
      const own = `${OPEN}${randomId().replaceAll(/\W/g, '')}`;
      const began = await table.update(keyOf(stamp), { set: { id: randomId(), [own]: now() } }, options);
      const done = await work();
      const over = begun(began).flatMap(({ name, isOver }) => (isOver && name !== own ? [name] : []));
      await table.update(keyOf(stamp), { set: { id: randomId() }, remove: [own, ...over] }, options);
      return done;
    },
  };
}
