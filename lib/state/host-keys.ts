import * as z from 'zod';
import { restlessItem } from './errors.ts';
import { type Item, joinKey, type MalformedItems, parseItem, parseItems } from './item.ts';
import { ABSENT, inRange, type Table } from './table.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A key as a host presents it. */
interface PresentedKey {
  /** `ecdsa-sha2-nistp256` … */
  readonly type: string;
  /** The key in ssh's wire format, base64. */
  readonly blob: string;
}

/** A pinned ssh host key. */
export interface HostKeyRecord extends PresentedKey {
  /** Milliseconds since the epoch. */
  readonly pinnedAt: number;
  /** The target whose host it was when it was pinned; for people only. */
  readonly target: string;
}

/**
 * The pinned ssh host keys. An endpoint is `<address>:<port>`, whichever target lists it: a host that moves to another
 * target, or whose target is renamed, keeps its key. One item an endpoint, so no crash leaves two that differ.
 */
export interface HostKeyStore {
  /** Every key, or those from one endpoint to another, in one query; `onMalformed` is told endpoints. */
  readAll(
    options: Options & MalformedItems & { readonly range?: readonly [string, string] },
  ): Promise<Map<string, HostKeyRecord>>;
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
  .object({ type: z.string(), blob: z.base64(), pinnedAt: z.number(), target: z.string() })
  .transform((record): HostKeyRecord => record);

export function createHostKeyStore({ table, now }: { table: Table; now: () => number }): HostKeyStore {
  const keyOf = (endpoint: string) => ({ pk: PARTITION, sk: endpoint });
  const toItem = (endpoint: string, { type, blob }: PresentedKey, target: string) => ({
    ...keyOf(endpoint),
    type,
    blob,
    pinnedAt: now(),
    target,
  });
  const toRecord = (item: Item) => parseItem(hostKeyItem, item);
  const read = async (endpoint: string, options: Options) => {
    const item = await table.get(keyOf(endpoint), options);
    return item && toRecord(item);
  };
  const find = async (which: { endpoint: string } | { target: string }, options: Options) => {
    if ('endpoint' in which) {
      const item = await table.get(keyOf(which.endpoint), options);
      return item === undefined ? [] : [item];
    }
    const items = await table.query({ pk: PARTITION, only: ['pk', 'sk', 'target'] }, options);
    return items.filter(({ target }) => target === which.target);
  };
  return {
    read,
    async readAll(options) {
      const items = await table.query({ pk: PARTITION, ...inRange(options.range) }, options);
      return new Map(parseItems(items, toRecord, options));
    },
    async pin(endpoint, { key, target }, options) {
      const item = toItem(endpoint, key, target);
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        if (await table.putIf(ABSENT, item, options)) return 'pinned';
        const pinned = await read(endpoint, options);
        if (pinned === undefined) continue;
        // The SDK repeats a write whose answer was lost, and finds its own item then.
        const isOwn = pinned.blob === item.blob && pinned.pinnedAt === item.pinnedAt;
        return isOwn ? 'pinned' : pinned;
      }
      throw restlessItem(`The host key of ${endpoint}`);
    },
    async replace(endpoint, { key, target, seen }, options) {
      const unchanged =
        seen === undefined
          ? ABSENT
          : { expression: '#blob = :seen', names: { '#blob': 'blob' }, values: { ':seen': seen.blob } };
      return await table.putIf(unchanged, toItem(endpoint, key, target), options);
    },
    async forget(which, options) {
      const there = await find(which, options);
      await table.writeAll(
        there.map((item) => ({ delete: item })),
        options,
      );
      return there.length;
    },
  };
}
