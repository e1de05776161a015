import * as z from 'zod';
import { StateError } from '../errors.ts';
import { type Item, joinKey, type MalformedItems, malformedItem, parseItem, parseItems } from '../item.ts';
import { packJson, unpackJson } from '../packed-json.ts';
import type { Table } from '../port.ts';
import { createIndexEntries } from './index-entries.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A batch that a worker was given, with the hosts that it asks by ssh. */
export interface Flight {
  /** Of this flight alone, over all runs: what was counted of it is not counted again. */
  readonly id: string;
  readonly batch: number;
  readonly user: string;
  readonly version: string;
  /** The addresses that are logged in to without a record of each attempt. */
  readonly addresses: readonly string[];
  /** Those whose attempts are on record: the flight tells only that they were asked by one worker. */
  readonly unproven: readonly string[];
  /** When the lease of its run ends that is not prolonged, in milliseconds since the epoch. */
  readonly endsAt?: number;
  /** By which host keys its hosts are believed, for the worker to compare. */
  readonly keys?: FlightKeys;
}

export interface FlightKeys {
  /** Of the hosts with their keys. */
  readonly digest: string;
  /** The last change of pinned keys when these were read. */
  readonly change: string;
}

/** A sweep on a target that had batches under way at some time. */
export interface FlightOwner {
  readonly sweep: string;
  readonly target: string;
  /** Milliseconds since the epoch; renewed once a day by a process that begins flights of it. */
  readonly namedAt: number;
}

/** The batches under way of each sweep on each target. */
export interface FlightStore {
  /** Those whose result nobody saw, when read with the lease held. */
  readAll(sweep: string, target: string, options: Options & MalformedItems): Promise<readonly Flight[]>;
  /** By which host keys the hosts of a batch under way are believed; undefined when it is not on record. */
  readKeys(sweep: string, target: string, id: string, options: Options): Promise<FlightKeys | undefined>;
  begin(sweep: string, target: string, flight: Flight, options: Options): Promise<void>;
  /** Those of `ids`, and no others: a run that was paused ends none of the run that took its lease. */
  end(sweep: string, target: string, ids: readonly string[], options: Options): Promise<void>;
  /** Every sweep and target of which there may be flights, also of other configurations. */
  readOwners(options: Options & MalformedItems): Promise<readonly FlightOwner[]>;
  /** Names one no more that has no flights, unless it was named again since. */
  forgetOwner(owner: FlightOwner, options: Options): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
const OWNERS = 'flights';

const flightItem = z.object({
  id: z.string(),
  batch: z.int().min(0),
  user: z.string(),
  version: z.string(),
  addresses: z.instanceof(Uint8Array),
  unproven: z.instanceof(Uint8Array).exactOptional(),
  endsAt: z.number().exactOptional(),
  keys: z.object({ digest: z.string(), change: z.string() }).exactOptional(),
});
const ownerItem = z.object({ sweep: z.string(), target: z.string(), at: z.number() });
const addressList = z.array(z.string()).max(10_000);

export function createFlightStore({ table, now }: { table: Table; now: () => number }): FlightStore {
  const owners = createIndexEntries({ table, renewal: { everyMs: DAY_MS, now } });
  const ownerKey = (sweep: string, target: string) => ({ pk: OWNERS, sk: joinKey(sweep, target) });
  const pkOf = (sweep: string, target: string) => joinKey('run', sweep, target);
  const keyOf = (sweep: string, target: string, id: string) => ({
    pk: pkOf(sweep, target),
    sk: `flight#${id}`,
  });
  return {
    async readAll(sweep, target, options) {
      const items = await table.query({ pk: pkOf(sweep, target), skPrefix: 'flight#' }, options);
      const read = new Map(
        await Promise.all(items.map(async (item) => [item, await toFlight(item)] as const)),
      );
      const parse = (item: Item) => {
        const flight = read.get(item);
        if (flight instanceof StateError) throw flight;
        return flight ?? [];
      };
      return parseItems(items, parse, options).flatMap(([, flight]) => flight);
    },
    async readKeys(sweep, target, id, options) {
      const item = await table.get(keyOf(sweep, target, id), options);
      return item && parseItem(flightItem, item).keys;
    },
    async begin(sweep, target, { addresses, unproven, ...flight }, options) {
      const packed = {
        addresses: await packJson(addresses),
        ...(unproven.length === 0 ? {} : { unproven: await packJson(unproven) }),
      };
      await owners.withEntry({ ...ownerKey(sweep, target), sweep, target }, options, () =>
        table.replace({ ...keyOf(sweep, target, flight.id), ...flight, ...packed }, options),
      );
    },
    async end(sweep, target, ids, options) {
      if (ids.length === 0) return;
      await table.writeAll(
        ids.map((id) => ({ delete: keyOf(sweep, target, id) })),
        options,
      );
    },
    async readOwners(options) {
      const items = await table.query({ pk: OWNERS }, options);
      return parseItems(items, (item) => parseItem(ownerItem, item), options).map(
        ([, { at: namedAt, ...owner }]) => ({ ...owner, namedAt }),
      );
    },
    async forgetOwner({ sweep, target, namedAt }, options) {
      await table.deleteIf({ equals: ['at', namedAt] }, ownerKey(sweep, target), options);
    },
  };
}

/** One that is malformed says nothing of the others, so its error is an answer. */
async function toFlight(item: Item): Promise<Flight | StateError> {
  const unpack = async (packed: Uint8Array) => addressList.parse(await unpackJson(packed));
  try {
    const { addresses, unproven, ...flight } = parseItem(flightItem, item);
    return {
      ...flight,
      addresses: await unpack(addresses),
      unproven: unproven === undefined ? [] : await unpack(unproven),
    };
  } catch (error) {
    return error instanceof StateError
      ? error
      : malformedItem(item, 'addresses: not a compressed list of texts');
  }
}
