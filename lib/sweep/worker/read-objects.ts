import type { ReaderFacts } from '../../catalogue/row.ts';
import { PROPERTIES } from '../../catalogue/sources/property.ts';
import type { Clock } from '../../platform/clock.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { Timeline } from '../../platform/timeline.ts';
import { properties } from '../../readers/properties.ts';
import type { Reader, ReadItem } from '../../readers/reader.ts';
import { READERS } from '../../readers/readers.ts';
import { isNotAuthenticated, NO_PERMISSION, NOT_AUTHENTICATED } from '../../vsphere/errors.ts';
import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import type { ReadRequest } from '../batch.ts';
import { failed, type Outcome, ok } from '../outcome.ts';
import type { WorkerSession } from '../sessions.ts';

export type CloneSession = (ticket: string, options: { signal: AbortSignal }) => Promise<WorkerSession>;

/** What came from vCenter for one batch. */
export interface ReadObjects {
  /** Outcome of the vcenter path by moref. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Those that came without their name. */
  readonly nameless: readonly string[];
  readonly detail?: string;
  /** Readers beside the first that gave nothing, or not all, and why. */
  readonly missed: readonly { readonly reader: ReaderFacts; readonly why: string }[];
  readonly calls: number;
  readonly bytes: number;
  /** 1 when the session was left to its time-out. */
  readonly failedLogouts: number;
}

const NO_SESSION = { calls: 0, bytes: 0, failedLogouts: 0 };

/** Kept of the worker's time for the logout. */
const CLOSING_MS = 2_000;
const CLOSING_SHARE = 0.2;
const MAX_CLOSING_MS = 5_000;
const MIN_CLOSING_MS = 500;

/**
 * Reads the batch's objects in a session of its own and hands each to `onObject` while the answer streams. Never
 * rejects: what came counts, the rest is failed with the reason of what went wrong. Done by the end of the request.
 */
export async function readObjects(
  request: Pick<ReadRequest, 'ticket' | 'items' | 'since' | 'endsAt'>,
  work: {
    clock: Clock;
    /** Of the request's ends. */
    timeline: Timeline;
    /** What each reader is to fetch, by its name; the first of them is asked in any case. */
    needs: ReadonlyMap<string, readonly unknown[]>;
    clone: CloneSession;
    /** Behind that of properties; all there are by default. */
    readers?: readonly Reader<never>[];
    onValue: (moref: string, reader: ReaderFacts, value: unknown) => void;
    /** What a reader goes by may not be read of an object. */
    onDenied?: (reader: ReaderFacts) => void;
  },
  options: { signal: AbortSignal },
): Promise<ReadObjects> {
  const { ticket, endsAt } = request;
  const { clock, timeline } = work;
  const outcomes = new Map<string, Outcome>();
  const nameless: string[] = [];
  const rest = (outcome: Outcome) => {
    for (const [, moref] of request.items) if (!outcomes.has(moref)) outcomes.set(moref, outcome);
  };
  const left = timeline.msUntil(endsAt);
  using reading = startDeadline({
    ...options,
    clock,
    ms: left - Math.min(CLOSING_MS, left * CLOSING_SHARE),
    what: 'reading from vCenter',
  });
  const { signal } = reading;
  let session: WorkerSession | undefined;
  let detail: string | undefined;
  const missed: ReadObjects['missed'][number][] = [];
  try {
    session = await work.clone(ticket, { signal });
    const items = request.items.map(([type, moref]) => ({ type, moref, properties: NO_PROPERTIES }));
    const wanted = ({ name }: ReaderFacts) => work.needs.get(name) ?? [];
    const ctx = { session, clock, signal };
    const beside = (work.readers ?? READERS).filter(({ facts }) => wanted(facts).length > 0);
    const pathsOf = new Map(
      beside.map((reader) => [reader.facts, reader.pathsOf?.(wanted(reader.facts) as never[]) ?? []]),
    );
    const paths = [...pathsOf.values()].flat();
    const kept = new Map<string, ReadItem['properties']>();
    for await (const [moref, object] of properties.read(
      ['name', ...paths, ...wanted(PROPERTIES).map(String)],
      items,
      ctx,
    )) {
      outcomes.set(moref, outcomeOf(object));
      if (!object.properties.has('name')) nameless.push(moref);
      kept.set(moref, only(paths, object));
      for (const [facts, ofReader] of pathsOf)
        if (ofReader.some((path) => object.missing.get(path) === NO_PERMISSION)) work.onDenied?.(facts);
      work.onValue(moref, PROPERTIES, object);
    }
    rest(failed('unreadable'));
    const read = items.map((item, index) => ({
      ...item,
      properties: kept.get(item.moref) ?? NO_PROPERTIES,
      ...sinceOf(request, index),
    }));
    for (const reader of beside) {
      const needs = wanted(reader.facts);
      missed.push(...(await readBeside(reader, { items: read, needs, onValue: work.onValue }, ctx)));
    }
  } catch (error) {
    detail = messageOf(error);
    rest(failed(reasonOf(error, session === undefined)));
  } finally {
    const closingMs = Math.min(MAX_CLOSING_MS, timeline.msUntil(endsAt));
    await session?.close({ ms: Math.max(MIN_CLOSING_MS, closingMs) });
  }
  const { calls, bytes, failedLogouts } = session?.measurements() ?? NO_SESSION;
  return {
    outcomes,
    nameless,
    ...(detail === undefined ? {} : { detail }),
    missed,
    calls,
    bytes,
    failedLogouts,
  };
}

/** A reader that cannot go on costs the samples of its own rows, fails their collectors, and says why once. */
async function readBeside(
  reader: Reader<never>,
  work: {
    readonly items: readonly ReadItem[];
    readonly needs: readonly unknown[];
    readonly onValue: (moref: string, reader: ReaderFacts, value: unknown) => void;
  },
  ctx: { session: WorkerSession; clock: Clock; signal: AbortSignal },
): Promise<ReadObjects['missed']> {
  try {
    for await (const [moref, value] of reader.read(work.needs as readonly never[], work.items, ctx))
      work.onValue(moref, reader.facts, value);
    return [];
  } catch (error) {
    return [{ reader: reader.facts, why: `${reader.facts.name}: ${messageOf(error)}` }];
  }
}

function sinceOf({ since }: Pick<ReadRequest, 'since'>, index: number): Pick<ReadItem, 'sinceMs'> {
  const sinceMs = since?.[index];
  return sinceMs === undefined ? {} : { sinceMs };
}

const NO_PROPERTIES: ReadItem['properties'] = new Map();

/** What readers go by, and nothing else: the objects of a batch are not kept. */
function only(paths: readonly string[], { properties }: RetrievedObject): ReadItem['properties'] {
  return new Map(
    paths.flatMap((path) => {
      const value = properties.get(path);
      return value === undefined ? [] : [[path, value]];
    }),
  );
}

/** A host without a name is no label of anything. */
function outcomeOf({ properties, missing }: RetrievedObject): Outcome {
  if (properties.has('name')) return ok;
  return failed(missing.get('name') === NOT_AUTHENTICATED ? 'session' : 'unreadable');
}

function reasonOf(error: unknown, beforeSession: boolean) {
  if (error instanceof DeadlineError) return 'deadline';
  if (beforeSession || isNotAuthenticated(error)) return 'session';
  return 'target';
}
