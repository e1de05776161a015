import * as z from 'zod';
import { ABSENT, type Condition } from '../conditions.ts';
import { StateError } from '../errors.ts';
import { type Item, joinKey, malformedItem, parseItem } from '../item.ts';
import { packJson, unpackJson } from '../packed-json.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/**
 * What a run was about to send of one object: its samples after `from`, up to `to`. Milliseconds since the epoch, by the clock
 * of vSphere.
 */
export interface FillStep {
  readonly moref: string;
  readonly from: number;
  readonly to: number;
}

/** What a run was about to send to one sink, batch by batch, and how far the others had come. */
export interface FillPlan {
  readonly batches: readonly (readonly FillStep[])[];
  /** The first so many batches are of what an earlier run may have sent already. */
  readonly again: number;
  /** Objects of which it had nothing to send: the sink has their samples up to `from`, and maybe up to `to`. */
  readonly kept: readonly FillStep[];
  /** The newest time that any object has come to. */
  readonly newest: number;
  /** Series of an object, on average. */
  readonly series: number;
}

export interface StoredFill {
  /** Undefined: it is damaged, or only its progress is left. The next one is written over it. */
  readonly plan: FillPlan | undefined;
  /** What is damaged, for the operator. */
  readonly damage?: string;
  /** The highest that stands in the state. */
  readonly revision: number;
  /** What holds as long as nobody has written to either item since. */
  readonly seen: { readonly fill: Condition; readonly done: Condition };
  /** The first so many batches were taken. Of the next one nobody knows; the others were not sent. */
  readonly done: number;
}

/**
 * How far each sink that takes times has the samples of a sweep on a target. A plan is written before anything of it is sent,
 * and over the one that was read; how many of its batches were taken is an item of its own, which is small and is
 * written after each of them, by the run that wrote the plan.
 */
export interface FillStore {
  read(of: FillOf, options: Options): Promise<StoredFill | undefined>;
  /** False: another run wrote one meanwhile. */
  plan(
    of: FillOf,
    next: { readonly plan: FillPlan; readonly over: StoredFill | undefined; readonly runId: string },
    options: Options,
  ): Promise<boolean>;
  /** False: another run has written a plan meanwhile. */
  advance(
    of: FillOf,
    next: { readonly done: number; readonly runId: string },
    options: Options,
  ): Promise<boolean>;
}

export interface FillOf {
  readonly sweep: string;
  readonly target: string;
  /** By the name of the sink. */
  readonly sink: string;
}

/** DynamoDB takes 400 KB an item; 100,000 objects take a quarter of that. */
const MAX_PACKED_BYTES = 350_000;
const MAX_JSON_BYTES = 32 * 1024 * 1024;

const planItem = z.object({ revision: z.int().min(1), runId: z.string(), packed: z.instanceof(Uint8Array) });
const doneItem = z.object({ runId: z.string(), done: z.int().min(0) });
const place = z.int().min(0);
/** As columns, because 100,000 objects have few different times. */
const packedPlan = z
  .object({
    morefs: z.array(z.string()),
    /** Distinct ones; the columns name them by place. */
    times: z.array(z.int().min(0)),
    from: z.array(place),
    to: z.array(place),
    /** How many of the objects are in each batch; those behind them are in none. */
    sizes: z.array(place),
    again: place,
    newest: z.int().min(0),
    series: z.number().min(0),
  })
  .refine(
    ({ morefs, times, from, to, sizes }) =>
      from.length === morefs.length &&
      to.length === morefs.length &&
      [...from, ...to].every((at) => at < times.length) &&
      sizes.reduce((sum, size) => sum + size, 0) <= morefs.length,
  );

export function createFillStore({ table }: { table: Table }): FillStore {
  return {
    async read(of, options) {
      const [item, progress] = await Promise.all([
        table.get(keyOf(of, 'fill'), options),
        table.get(keyOf(of, 'fill-done'), options),
      ]);
      if (item === undefined && progress === undefined) return undefined;
      const stored = {
        revision: Math.max(revisionOf(item), revisionOf(progress)),
        seen: { fill: isAsSeen(item), done: isAsSeen(progress) },
      };
      if (item === undefined) return { ...stored, plan: undefined, done: 0 };
      try {
        const { runId, packed } = parseItem(planItem, item);
        const { done, runId: by } = progress === undefined ? NONE : parseItem(doneItem, progress);
        return { ...stored, plan: await unpackPlan(packed, item), done: by === runId ? done : 0 };
      } catch (error) {
        if (!(error instanceof StateError) || error.code !== 'malformed') throw error;
        return {
          ...stored,
          plan: undefined,
          done: 0,
          damage: `pk="${item.pk}" sk="${item.sk}" or its fill-done`,
        };
      }
    },
    async plan(of, { plan, over, runId }, options) {
      const { fill: isUnchanged, done: isSameDone } = over?.seen ?? { fill: ABSENT, done: ABSENT };
      const revision = (over?.revision ?? 0) + 1;
      const packed = await packPlan(plan);
      if (packed.length > MAX_PACKED_BYTES) throw new RangeError(TOO_MANY);
      const key = keyOf(of, 'fill');
      if (!(await table.putIf(isUnchanged, { ...key, revision, runId, packed }, options))) {
        // A write that was done although its answer was lost is no other run's.
        const there = await table.get(key, options);
        if (there?.['revision'] !== revision || there['runId'] !== runId) return false;
      }
      // A run that was paused here must not take back what one after it has sent.
      const isNoNewer: Condition = { any: [ABSENT, isSameDone, { atMost: ['revision', revision] }] };
      return await table.putIf(isNoNewer, { ...keyOf(of, 'fill-done'), revision, runId, done: 0 }, options);
    },
    async advance(of, { done, runId }, options) {
      const key = keyOf(of, 'fill-done');
      return (
        (await table.updateIf({ equals: ['runId', runId] }, key, { set: { done } }, options)) !== undefined
      );
    },
  };
}

const numbered = z.object({
  revision: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER - 1),
});

/** 0 where there is none that a next one can be made of. */
const revisionOf = (item: Item | undefined): number => numbered.safeParse(item).data?.revision ?? 0;

/** A damaged item may have anything, or nothing, for its revision. */
function isAsSeen(item: Item | undefined): Condition {
  if (item === undefined) return ABSENT;
  const { revision } = item;
  return revision === undefined ? { absent: 'revision' } : { equals: ['revision', revision] };
}

const NONE = { done: 0, runId: '' };
const TOO_MANY =
  'the progress of more objects than one item of the state can hold: split the targets or collectors among several sweeps';

const keyOf = ({ sweep, target, sink }: FillOf, what: 'fill' | 'fill-done') => ({
  pk: joinKey('run', sweep, target),
  sk: joinKey(what, sink),
});

async function packPlan({ batches, kept, ...rest }: FillPlan): Promise<Uint8Array> {
  const steps = [...batches.flat(), ...kept];
  const times = [...new Set(steps.flatMap(({ from, to }) => [from, to]))];
  const placeOf = new Map(times.map((time, index) => [time, index]));
  const toPlace = (time: number) => placeOf.get(time) as number;
  return await packJson({
    morefs: steps.map(({ moref }) => moref),
    times,
    from: steps.map(({ from }) => toPlace(from)),
    to: steps.map(({ to }) => toPlace(to)),
    sizes: batches.map(({ length }) => length),
    ...rest,
  });
}

async function unpackPlan(packed: Uint8Array, item: Item): Promise<FillPlan> {
  try {
    const { morefs, times, from, to, sizes, ...rest } = packedPlan.parse(
      await unpackJson(packed, MAX_JSON_BYTES),
    );
    const steps = morefs.map((moref, index) => ({
      moref,
      from: times[from[index] as number] as number,
      to: times[to[index] as number] as number,
    }));
    let start = 0;
    const batches = sizes.map((size) => {
      start += size;
      return steps.slice(start - size, start);
    });
    return { batches, kept: steps.slice(start), ...rest };
  } catch {
    throw malformedItem(item, 'packed: not a compressed plan of samples');
  }
}
