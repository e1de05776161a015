import * as z from 'zod';
import { ABSENT, type Condition } from '../conditions.ts';
import { restlessItem } from '../errors.ts';
import { type Item, joinKey, type MalformedItems, parseItem, parseItems } from '../item.ts';
import { type ItemSeals, UNSEALED } from '../item-seals.ts';
import type { Table } from '../port.ts';
import type { Stamps } from './stamps.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A key as a host presents it. */
export interface PresentedKey {
  /** `ecdsa-sha2-nistp256` … */
  readonly type: string;
  /** The key in ssh's wire format, base64. */
  readonly blob: string;
}

/** A pinned ssh host key. */
export interface HostKeyRecord extends PresentedKey {
  /** Milliseconds since the epoch. */
  readonly pinnedAt: number;
  /** The target whose host it was when it was pinned; no login depends on it. */
  readonly target: string;
  /** An operator accepted it: it is no first contact. */
  readonly isAccepted?: boolean | undefined;
}

/** Called with each key that is not believed, which is then left out. */
export interface UnsealedKeys {
  readonly onUnsealed?: (endpoint: string) => void;
}

/**
 * The pinned ssh host keys; with seals one that does not verify counts as absent. An endpoint is `<address>:<port>`,
 * whichever target lists it: a host that moves to another target, or whose target is renamed, keeps its key. One item an
 * endpoint, so no crash leaves two that differ.
 */
export interface HostKeyStore {
  /** Every key; `onMalformed` is told endpoints. A run has `readSome`. */
  readAll(options: Options & MalformedItems & UnsealedKeys): Promise<Map<string, HostKeyRecord>>;
  /** The keys of these endpoints, as they are now; `onMalformed` is told endpoints. */
  readSome(
    endpoints: readonly string[],
    options: Options & MalformedItems & UnsealedKeys,
  ): Promise<Map<string, HostKeyRecord>>;
  /**
   * Another text after each change of a key that was pinned, so that keys that were read after this still hold while it
   * is the same; undefined while one is under way. A first pin is no change, so that there was no key does not hold.
   */
  lastChange(options: Options): Promise<string | undefined>;
  /** The key that is pinned now; undefined for none. */
  read(endpoint: string, options: Options): Promise<HostKeyRecord | undefined>;
  /** Pins the key when none is pinned yet; else answers the one that is, which may be the same key. */
  pin(
    endpoint: string,
    found: { readonly key: PresentedKey; readonly target: string },
    options: Options,
  ): Promise<'pinned' | HostKeyRecord>;
  /** Pins the key in place of the one that was seen; false when that is no longer the pinned one. */
  replace(
    endpoint: string,
    change: {
      readonly key: PresentedKey;
      readonly target: string;
      readonly seen: HostKeyRecord | undefined;
    },
    options: Options,
  ): Promise<boolean>;
  /** Forgets the key of one endpoint, or those that were pinned as hosts of a target, and answers how many. */
  forget(
    which: { readonly endpoint: string } | { readonly target: string },
    options: Options,
  ): Promise<number>;
}

const MAX_LOOKS = 3;

const PARTITION = joinKey('hostkeys');

const hostKeyItem = z
  .object({
    type: z.string().max(256),
    blob: z.base64().max(16_384),
    pinnedAt: z.number(),
    target: z.string(),
    isAccepted: z.boolean().optional(),
  })
  .transform((record): HostKeyRecord => record);

/** What is sealed of an item: its key and its content. */
const partsOf = ({ pk, sk, type, blob, pinnedAt, target, isAccepted }: Item): string[] | undefined => {
  const parts = [
    pk,
    sk,
    type,
    blob,
    target,
    String(pinnedAt),
    ...(isAccepted === undefined ? [] : ['accepted']),
  ];
  return parts.every((part) => typeof part === 'string') ? parts : undefined;
};

/** The SDK repeats a write whose answer was lost, and finds its own item then. */
const isWritten = (there: 'pinned' | HostKeyRecord, item: Item): boolean =>
  there === 'pinned' || (there.blob === item['blob'] && there.pinnedAt === item['pinnedAt']);

/** What stands there still has the false seal that was seen, or none: a true one is another. */
const isStillUnsealed = ({ seal }: Item): Condition =>
  typeof seal === 'string' ? { equals: ['seal', seal] } : { noText: 'seal' };

export function createHostKeyStore({
  table,
  now,
  stamps,
  seals = UNSEALED,
}: {
  table: Table;
  now: () => number;
  stamps: Stamps;
  seals?: ItemSeals;
}): HostKeyStore {
  const keyOf = (endpoint: string) => ({ pk: PARTITION, sk: endpoint });
  const toItem = async (
    endpoint: string,
    { type, blob }: PresentedKey,
    how: { readonly target: string; readonly isAccepted?: true },
    options: Options,
  ): Promise<Item> => {
    const item = { ...keyOf(endpoint), type, blob, pinnedAt: now(), ...how };
    return { ...item, ...(await seals.attributeFor(partsOf(item) ?? [], options)) };
  };
  const toRecord = (item: Item) => parseItem(hostKeyItem, item);
  /** What stands there, and whether it is believed. */
  const look = async (endpoint: string, options: Options) => {
    const item = await table.get(keyOf(endpoint), options);
    if (item === undefined) return undefined;
    const isSealed = await seals.check(options);
    return { item, isBelieved: isSealed(item, partsOf(item)) };
  };
  const read = async (endpoint: string, options: Options) => {
    const seen = await look(endpoint, options);
    return seen?.isBelieved ? toRecord(seen.item) : undefined;
  };
  const find = async (which: { endpoint: string } | { target: string }, options: Options) => {
    if ('endpoint' in which) {
      const item = await table.get(keyOf(which.endpoint), options);
      return item === undefined ? [] : [item];
    }
    const items = await table.query({ pk: PARTITION, only: ['pk', 'sk', 'target'] }, options);
    return items.filter(({ target }) => target === which.target);
  };
  /** Writes the item where nothing stands that is believed; else answers what does. */
  const putFirst = async (item: Item, options: Options): Promise<'pinned' | HostKeyRecord> => {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      if (await table.putIf(ABSENT, item, options)) return 'pinned';
      const seen = await look(item.sk, options);
      if (seen === undefined) continue;
      if (seen.isBelieved) return toRecord(seen.item);
      if (await table.putIf(isStillUnsealed(seen.item), item, options)) return 'pinned';
    }
    throw restlessItem(`The host key of ${item.sk}`);
  };
  const toRecords = async (items: readonly Item[], options: Options & MalformedItems & UnsealedKeys) => {
    const isSealed = await seals.check(options);
    const believed = items.filter((item) => {
      const isBelieved = isSealed(item, partsOf(item));
      if (!isBelieved) options.onUnsealed?.(item.sk);
      return isBelieved;
    });
    return new Map(parseItems(believed, toRecord, options));
  };
  const changing = <T>(work: () => Promise<T>, options: Options) => stamps.during('hostkeys', work, options);
  return {
    read,
    lastChange: (options) => stamps.read('hostkeys', options),
    readAll: async (options) => toRecords(await table.query({ pk: PARTITION }, options), options),
    async readSome(endpoints, options) {
      const keys = Array.from(new Set(endpoints), keyOf);
      return toRecords(await table.getAll(keys, options), options);
    },
    async pin(endpoint, { key, target }, options) {
      const item = await toItem(endpoint, key, { target }, options);
      const there = await putFirst(item, options);
      return isWritten(there, item) ? 'pinned' : there;
    },
    async replace(endpoint, { key, target, seen }, options) {
      const item = await toItem(endpoint, key, { target, isAccepted: true }, options);
      if (seen === undefined)
        return changing(async () => isWritten(await putFirst(item, options), item), options);
      const isSeen: Condition = { equals: ['blob', seen.blob] };
      return changing(() => table.putIf(isSeen, item, options), options);
    },
    async forget(which, options) {
      const there = await find(which, options);
      const deletes = there.map((item) => ({ delete: item }));
      await changing(() => table.writeAll(deletes, options), options);
      return there.length;
    },
  };
}
