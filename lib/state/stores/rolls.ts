import * as z from 'zod';
import type { ChunkedValues } from '../chunked-value.ts';
import { joinKey } from '../item.ts';

interface Options {
  readonly signal: AbortSignal;
}

/**
 * What runs found of the hosts of a target, in one packed value: hundreds of bytes a host in items of their own are some
 * tens in it. The items are what counts; a roll only says what they were, and who reads it has to know that they still
 * are: of accepted versions that is no question (see AccountStore), of keys `HostKeyStore.lastChange` tells.
 */
export interface Roll {
  /** When the oldest of this was read of the items, in milliseconds since the epoch. */
  readonly readAt: number;
  /** Whose accounts: the user, in one spelling. */
  readonly user: string;
  /** The last change of pinned keys when these were read. */
  readonly keysChange: string;
  /** By normal address, the version that was accepted last; undefined: none. */
  readonly proven: ReadonlyMap<string, string | undefined>;
  /** By endpoint, the pinned key. */
  readonly keys: ReadonlyMap<string, RollKey>;
  /** Undefined: not known. */
  readonly elsewhere?: RollElsewhere | undefined;
}

/** Which hosts of the target other targets ask. */
export interface RollElsewhere {
  /** The last change of the addresses of targets when their lists were read. */
  readonly change: string;
  /** Of what was compared: other hosts, or another configuration, have another one. */
  readonly by: string;
  readonly addresses: readonly string[];
  /** When it has to be read again, in milliseconds since the epoch. */
  readonly until: number;
}

export interface RollKey {
  readonly type: string;
  /** base64 */
  readonly blob: string;
}

/** The rolls of targets. With seals one that does not verify is StateError `malformed`. */
export interface RollStore {
  read(target: string, options: Options): Promise<Roll | undefined>;
  write(target: string, roll: Roll, options: Options): Promise<void>;
}

const MAX_HOSTS = 200_000;
const storedRoll = z
  .object({
    readAt: z.number(),
    user: z.string(),
    keysChange: z.string(),
    proven: z.array(z.tuple([z.string(), z.string().nullable()])).max(MAX_HOSTS),
    keys: z.array(z.tuple([z.string(), z.string(), z.base64()])).max(MAX_HOSTS),
    elsewhere: z
      .object({
        change: z.string(),
        by: z.string(),
        addresses: z.array(z.string()).max(MAX_HOSTS),
        until: z.number(),
      })
      .exactOptional(),
  })
  .transform(
    ({ proven, keys, ...rest }): Roll => ({
      ...rest,
      proven: new Map(proven.map(([address, version]) => [address, version ?? undefined])),
      keys: new Map(keys.map(([endpoint, type, blob]) => [endpoint, { type, blob }])),
    }),
  );

export function createRollStore({ values }: { values: ChunkedValues }): RollStore {
  const keyOf = (target: string) => ({
    pk: joinKey('target', target),
    sk: 'roll',
    chunkPrefix: 'roll#',
    what: `What is known of the hosts of ${target}`,
  });
  return {
    async read(target, options) {
      const read = await values.read(keyOf(target), storedRoll, options);
      return read?.value;
    },
    async write(target, { proven, keys, ...rest }, options) {
      const stored = {
        ...rest,
        proven: Array.from(proven, ([address, version]) => [address, version ?? null]),
        keys: Array.from(keys, ([endpoint, { type, blob }]) => [endpoint, type, blob]),
      };
      await values.write(keyOf(target), stored, options);
    },
  };
}
