import * as z from 'zod';
import { restlessItem } from './errors.ts';
import { type Item, joinKey, type MalformedItems, parseItem, parseItems } from './item.ts';
import { ABSENT, type Table } from './table.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A pinned ssh host key. */
export interface HostKeyRecord {
  /** `ecdsa-sha2-nistp256` … */
  readonly type: string;
  /** The key in ssh's wire format, base64. */
  readonly blob: string;
  /** Milliseconds since the epoch. */
  readonly pinnedAt: number;
}

/** The ssh host keys that were trusted first. An endpoint is `<address>:<port>`. */
export interface HostKeyStore {
  /** Every key of a target; `onMalformed` is told endpoints. */
  readAll(target: string, options: Options & MalformedItems): Promise<Map<string, HostKeyRecord>>;
  /** Pins the key when none is pinned yet; else answers the one that is, which may be the same key. */
  pin(
    target: string,
    endpoint: string,
    key: { type: string; blob: string },
    options: Options,
  ): Promise<'pinned' | HostKeyRecord>;
  /** Pins the key in place of the one that was seen; false when that is no longer the pinned one. */
  replace(
    target: string,
    endpoint: string,
    change: { key: { type: string; blob: string }; seen: HostKeyRecord | undefined },
    options: Options,
  ): Promise<boolean>;
  /** Forgets one key or all of the target, and answers how many. */
  forget(target: string, endpoint: string | undefined, options: Options): Promise<number>;
}

const MAX_LOOKS = 3;

const hostKeyItem = z
  .object({ type: z.string(), blob: z.base64(), pinnedAt: z.number() })
  .transform((record): HostKeyRecord => record);

export function createHostKeyStore({ table, now }: { table: Table; now: () => number }): HostKeyStore {
  const keyOf = (target: string, endpoint: string) => ({ pk: joinKey('hostkeys', target), sk: endpoint });
  const toRecord = (item: Item) => parseItem(hostKeyItem, item);
  return {
    async readAll(target, options) {
      const items = await table.query({ pk: joinKey('hostkeys', target) }, options);
      return new Map(parseItems(items, toRecord, options));
    },
    async pin(target, endpoint, { type, blob }, options) {
      const key = keyOf(target, endpoint);
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        if (await table.putIf(ABSENT, { ...key, type, blob, pinnedAt: now() }, options)) return 'pinned';
        const pinned = await table.get(key, options);
        if (pinned !== undefined) return toRecord(pinned);
      }
      throw restlessItem(`The host key of ${endpoint}`);
    },
    async replace(target, endpoint, { key, seen }, options) {
      const unchanged =
        seen === undefined
          ? ABSENT
          : { expression: '#blob = :seen', names: { '#blob': 'blob' }, values: { ':seen': seen.blob } };
      const { type, blob } = key;
      const item = { ...keyOf(target, endpoint), type, blob, pinnedAt: now() };
      return await table.putIf(unchanged, item, options);
    },
    async forget(target, endpoint, options) {
      const pk = joinKey('hostkeys', target);
      const there =
        endpoint === undefined
          ? await table.query({ pk, only: ['pk', 'sk'] }, options)
          : [await table.get(keyOf(target, endpoint), options)].filter((item) => item !== undefined);
      await table.writeAll(
        there.map((item) => ({ delete: item })),
        options,
      );
      return there.length;
    },
  };
}
