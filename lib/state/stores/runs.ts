import * as z from 'zod';
import { ABSENT, type Condition } from '../conditions.ts';
import { restlessItem } from '../errors.ts';
import { type Item, joinKey, malformedItem, parseItem } from '../item.ts';
import { packJson, unpackJson } from '../packed-json.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Who runs a sweep on a target. */
export interface Lease {
  readonly holder: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Host keys that were pinned at `since` or later and that no push has counted, but for `counted` of them. */
export interface UntoldPins {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly counted: number;
}

/** How one sink took the series of the last run. */
export interface SinkRecord {
  readonly ok: boolean;
  /** When it took any at last, in milliseconds since the epoch. */
  readonly deliveredAt?: number;
  /** Samples with times of their own, and those that it will never have, by reason; of a sweep that wants all samples. */
  readonly filled?: { readonly sent: number; readonly dropped: Readonly<Record<string, number>> };
}

/** What is kept of the last run of a sweep on a target. Times are milliseconds since the epoch. */
export interface LastRun {
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number;
  /** The end of the last run that ended in 0 or 3, this one included. */
  readonly lastSuccessAt?: number;
  /** The hosts that a batch of the next run may have. */
  readonly maxBatchHosts?: number;
  /** Undefined when it told of all keys that were pinned. */
  readonly untoldPins?: UntoldPins;
  /** It was a dry run, and before it there was no other: nobody saw what it found. */
  readonly isDry?: true;
  /** How many objects there were, by kind. */
  readonly objects?: Readonly<Record<string, number>>;
  /** By the name of the sink. */
  readonly sinks?: Readonly<Record<string, SinkRecord>>;
  /** What the sweep wants to keep of its outcomes, by a key of its own; not kept when too large for one item. */
  readonly outcomes?: Readonly<Record<string, string>>;
}

/** Leases and last runs of each sweep on each target. */
export interface RunStore {
  /**
   * Takes the lease when there is none, when it has ended by our clock, or when it is the holder's own, which is
   * then prolonged; also one that ends after `latestEnd`, because it was taken by a clock that was ahead. Else answers
   * who has it.
   */
  acquireLease(
    sweep: string,
    target: string,
    lease: Lease & { readonly latestEnd?: number },
    options: Options,
  ): Promise<'acquired' | { readonly heldBy: string; readonly endsAt: number }>;
  /** Whether the lease is still the holder's, by a conditional write; with `endsAt` it ends then. */
  confirmLease(
    sweep: string,
    target: string,
    holder: string,
    options: Options & { readonly endsAt?: number },
  ): Promise<boolean>;
  /** Gives the lease back, unless somebody else has it by now. */
  releaseLease(sweep: string, target: string, holder: string, options: Options): Promise<void>;
  /** The lease as it is written; it may have ended. */
  readLease(sweep: string, target: string, options: Options): Promise<Lease | undefined>;
  readLast(sweep: string, target: string, options: Options): Promise<LastRun | undefined>;
  writeLast(sweep: string, target: string, last: LastRun, options: Options): Promise<void>;
}

/** By how much the clocks of those who run a sweep may differ, and a run be prolonged. */
const LEASE_MARGIN_MS = 60_000;

/** A lease that ends later was taken by a clock that was ahead, and is none; milliseconds since the epoch. */
export const latestLeaseEnd = (everyMs: number, now: number): number => now + everyMs + LEASE_MARGIN_MS;

const MAX_LOOKS = 3;
/** Below DynamoDB's 400 KB an item, names and numbers included. */
const MAX_OUTCOME_BYTES = 350_000;

const leaseItem = z.object({ holder: z.string(), endsAt: z.number() });
const lastItem = z.object({
  scheduledAt: z.number(),
  startedAt: z.number(),
  endedAt: z.number(),
  exitCode: z.int(),
  lastSuccessAt: z.number().optional(),
  maxBatchHosts: z.int().min(1).optional(),
  untoldPins: z.object({ since: z.number(), counted: z.int().min(0) }).optional(),
  isDry: z.literal(true).optional(),
  objects: z.record(z.string(), z.int().min(0)).optional(),
  sinks: z
    .record(
      z.string(),
      z.object({
        ok: z.boolean(),
        deliveredAt: z.number().exactOptional(),
        filled: z
          .object({ sent: z.int().min(0), dropped: z.record(z.string(), z.int().min(0)) })
          .exactOptional(),
      }),
    )
    .optional(),
  outcomes: z.instanceof(Uint8Array).optional(),
});
const outcomeMap = z.record(z.string(), z.string());

export function createRunStore({ table, now }: { table: Table; now: () => number }): RunStore {
  return {
    async acquireLease(sweep, target, { holder, endsAt, latestEnd }, options) {
      const key = keyOf(sweep, target, 'lease');
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        const isFree: Condition = {
          any: [
            ABSENT,
            { atMost: ['endsAt', now()] },
            { equals: ['holder', holder] },
            ...(latestEnd === undefined ? [] : [{ atLeast: ['endsAt', latestEnd + 1] } as const]),
          ],
        };
        if (await table.putIf(isFree, { ...key, holder, endsAt }, options)) return 'acquired';
        const held = await table.get(key, options);
        if (held === undefined) continue;
        const lease = parseItem(leaseItem, held);
        if (lease.endsAt > now()) return { heldBy: lease.holder, endsAt: lease.endsAt };
      }
      throw restlessItem(`The lease of ${sweep} on ${target}`);
    },
    async confirmLease(sweep, target, holder, { endsAt, ...options }) {
      const set = { confirmedAt: now(), ...(endsAt === undefined ? {} : { endsAt }) };
      const key = keyOf(sweep, target, 'lease');
      return (await table.updateIf({ equals: ['holder', holder] }, key, { set }, options)) !== undefined;
    },
    async releaseLease(sweep, target, holder, options) {
      await table.deleteIf({ equals: ['holder', holder] }, keyOf(sweep, target, 'lease'), options);
    },
    async readLease(sweep, target, options) {
      const item = await table.get(keyOf(sweep, target, 'lease'), options);
      return item && parseItem(leaseItem, item);
    },
    async readLast(sweep, target, options) {
      const item = await table.get(keyOf(sweep, target, 'last'), options);
      return item && (await toLastRun(item));
    },
    async writeLast(sweep, target, { outcomes, ...last }, options) {
      const packed = outcomes && (await packJson(outcomes));
      const kept = packed !== undefined && packed.length <= MAX_OUTCOME_BYTES ? { outcomes: packed } : {};
      await table.replace({ ...keyOf(sweep, target, 'last'), ...last, ...kept }, options);
    },
  };
}

const keyOf = (sweep: string, target: string, sk: 'lease' | 'last') => ({
  pk: joinKey('run', sweep, target),
  sk,
});

async function toLastRun(item: Item): Promise<LastRun> {
  const { outcomes, lastSuccessAt, maxBatchHosts, untoldPins, isDry, objects, sinks, ...last } = parseItem(
    lastItem,
    item,
  );
  return {
    ...last,
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
    ...(maxBatchHosts === undefined ? {} : { maxBatchHosts }),
    ...(untoldPins === undefined ? {} : { untoldPins }),
    ...(isDry === undefined ? {} : { isDry }),
    ...(objects === undefined ? {} : { objects }),
    ...(sinks === undefined ? {} : { sinks }),
    ...(outcomes === undefined ? {} : { outcomes: await unpackOutcomes(outcomes, item) }),
  };
}

async function unpackOutcomes(packed: Uint8Array, item: Item): Promise<Record<string, string>> {
  try {
    return outcomeMap.parse(await unpackJson(packed));
  } catch {
    throw malformedItem(item, 'outcomes: not a compressed map of texts');
  }
}
