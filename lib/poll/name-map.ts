import type { Clock } from '../platform/clock.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';

/** An object and what it is called, as people write it. */
export interface NamedObject {
  readonly moref: MoRef;
  readonly name: string;
}

type Options = { readonly signal: AbortSignal };

/** The objects that a map is of. `Found` is whatever else was wanted of one. */
export interface Inventory<Found> {
  /** All of them, in the order of the inventory. */
  list(options: Options): Promise<readonly NamedObject[]>;
  /** The object and its name of now, read together; undefined when it is gone. */
  read(moref: MoRef, options: Options): Promise<{ name: string | undefined; found: Found } | undefined>;
}

/** Name to object without listing the inventory for each question. */
export interface NameMap {
  /**
   * The first object of that name in the order of the inventory; undefined when there is none. Each answer was read
   * under its name just now: one that was renamed or moved since the last listing is found by another one, one that
   * was deleted is not found, and no object is found by a name that it does not have. A second object that got the
   * same name since that listing is not noticed while the first one has it.
   */
  find<Found>(name: string, inventory: Inventory<Found>, options: Options): Promise<Found | undefined>;
}

/** The maps of one session: one for each type and the property that its objects are named by. */
export type NameMaps = (type: string, property: string) => NameMap;

export function createNameMaps(deps: { clock: Clock }): NameMaps {
  const maps = new Map<string, NameMap>();
  return (type, property) => {
    const key = `${type} ${property}`;
    const map = maps.get(key) ?? createNameMap(deps);
    maps.set(key, map);
    return map;
  };
}

interface Listing {
  readonly result: Promise<ReadonlyMap<string, MoRef>>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * A name that nobody knows would list the inventory each time it is asked for, which is what overloads a vCenter: the
 * listings for such names take a tenth of the time at most.
 */
const REST_FACTOR = 9;

export function createNameMap({ clock }: { clock: Clock }): NameMap {
  let known: ReadonlyMap<string, MoRef> = new Map();
  let restsUntil = Number.NEGATIVE_INFINITY;
  let listing: Listing | undefined;

  const start = (inventory: Pick<Inventory<unknown>, 'list'>): Listing => {
    const stop = new AbortController();
    const startedAt = clock.monotonic();
    const result = inventory.list(stop).then((objects) => {
      known = toFirstOfEach(objects);
      restsUntil = clock.monotonic() + REST_FACTOR * (clock.monotonic() - startedAt);
      return known;
    });
    const started: Listing = { result, stop, waiting: 0 };
    const clear = () => {
      if (listing === started) listing = undefined;
    };
    result.then(clear, clear);
    return started;
  };
  /** One listing serves all who wait for it, and ends with the last of them. */
  const list = async (inventory: Pick<Inventory<unknown>, 'list'>, { signal }: Options) => {
    listing ??= start(inventory);
    const joined = listing;
    joined.waiting += 1;
    try {
      return await untilAborted(joined.result, signal);
    } finally {
      joined.waiting -= 1;
      if (joined.waiting === 0 && signal.aborted) {
        if (listing === joined) listing = undefined;
        joined.stop.abort(signal.reason);
      }
    }
  };

  return {
    async find(name, inventory, options) {
      const readAs = async (moref: MoRef | undefined) => {
        const now = moref && (await inventory.read(moref, options));
        return now?.name === name ? now : undefined;
      };
      const before = known.get(name);
      const stillThere = await readAs(before);
      if (stillThere !== undefined) return stillThere.found;
      if (before === undefined && clock.monotonic() < restsUntil) return undefined;
      return (await readAs((await list(inventory, options)).get(name)))?.found;
    },
  };
}

function toFirstOfEach(objects: readonly NamedObject[]): ReadonlyMap<string, MoRef> {
  const first = new Map<string, MoRef>();
  for (const { name, moref } of objects) if (!first.has(name)) first.set(name, moref);
  return first;
}
