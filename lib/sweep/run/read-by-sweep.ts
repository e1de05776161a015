import type { ReaderFacts } from '../../catalogue/row.ts';
import { needsOf, runsBy } from '../../collectors/needs.ts';
import { type CollectorRun, createCollectorRun } from '../../collectors/run-collectors.ts';
import type { Config } from '../../config/schema.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { GuardedLoginDeps } from '../../logins/trial/guarded-login.ts';
import { logInToRest } from '../../logins/trial/rest-login.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { TARGET_READERS } from '../../readers/readers.ts';
import type { KeptTally, TargetReader, TargetSession, WantedOfKind } from '../../readers/target-reader.ts';
import type { RestSession } from '../../vsphere/rest/rest-session.ts';
import { EMPTY_RESULT } from '../batch.ts';
import { createColumns } from '../columns.ts';
import type { KeptResults } from '../dispatch/kept-results.ts';
import type { SweptRead } from '../dispatch/read-items.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { TooManySamplesError } from '../errors.ts';
import type { ListedTarget } from '../listing/list-target.ts';
import { failed, ok } from '../outcome.ts';
import { itemsOfKind } from '../plan/items-to-read.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { collectedBy } from '../worker/batch-result.ts';
import { sessionOf } from './read-target.ts';

export type ReadBySweepDeps = GuardedLoginDeps & {
  readonly config: Pick<Config, 'esxi' | 'events'>;
  /** What is kept of the events of this target. */
  readonly events: KeptTally;
  /** All there are by default. */
  readonly targetReaders?: readonly TargetReader<never>[];
};

/** Kept of the workers' time for the logout. */
const CLOSING_SHARE = 0.2;
const MAX_CLOSING_MS = 5_000;
const MIN_CLOSING_MS = 500;

/**
 * Reads in the sweep itself what rows need of the whole target, beside the batches and as long as they have. What a
 * reader finds goes into the merge like the result of a batch, by kind; one that fails costs its rows, and the run says
 * why once. Rejects only by a fault in vsweep.
 */
export async function readBySweep(
  { sweep, target, times, timeline }: TargetOrder,
  { listed, kept }: { listed: ListedTarget; kept: KeptResults },
  deps: ReadBySweepDeps,
  { signal }: { signal: AbortSignal },
): Promise<SweptRead[]> {
  const collectors = collectorsOf(sweep);
  const session = sessionOf(listed);
  if (session === undefined || !runsBy(collectors, 'sweep')) return [];
  const leftMs = timeline.msUntil(times.workerEnd);
  using reading = startDeadline({
    clock: deps.clock,
    ms: leftMs - Math.min(MAX_CLOSING_MS, leftMs * CLOSING_SHARE),
    what: 'reading in the sweep itself',
    signal,
    patienceMs: times.graceMs,
  });
  /** One attempt a run, also where it failed: another reader is told the same. */
  let opening: Promise<RestSession | undefined> | undefined;
  const openRest = async (): Promise<RestSession | undefined> => {
    const { rest: api } = session;
    if (api === undefined) return undefined;
    const login: Parameters<typeof logInToRest<RestSession>>[2] = (options) =>
      api.logIn({ ...options, endsAt: times.leaseEnd });
    return await logInToRest(target, api.account, login, deps, reading);
  };
  const ofTarget: TargetSession = {
    connection: session.connection,
    rest: () => (opening ??= openRest()),
    events: { types: deps.config.events.types, tally: deps.events },
  };
  const needs = needsOf(collectors).filter(({ reader }) => reader.runs === 'sweep');
  const readers = Map.groupBy(needs, ({ reader }) => reader.name);
  const work = (deps.targetReaders ?? TARGET_READERS).flatMap((reader) => {
    const ofReader = readers.get(reader.facts.name) ?? [];
    if (ofReader.length === 0) return [];
    const wanted = ofReader.map(({ kind, needs }) => ({ kind, needs, items: itemsOfKind(kind, listed) }));
    const found = startFinding(reader.facts, wanted, { collectors, clock: deps.clock });
    return [{ reader, wanted, found }];
  });
  const readAll = async ({ reader, wanted, found }: (typeof work)[number]): Promise<void> => {
    try {
      const values = reader.read(wanted as unknown as readonly WantedOfKind<never>[], {
        session: ofTarget,
        clock: deps.clock,
        signal: reading.signal,
      });
      for await (const [kind, moref, value] of values) {
        // What comes after the end is too late for the merge.
        if (reading.signal.aborted) break;
        found.offer(kind, moref, value);
      }
    } catch (error) {
      found.fail(error);
    }
  };
  const readInTime = (one: (typeof work)[number]): Promise<void> =>
    untilAborted(readAll(one), reading.signal).catch((error: unknown) => one.found.fail(error));
  await Promise.all(work.map(readInTime));
  const rest = await opening?.catch(() => undefined);
  const left = timeline.msUntil(times.workerEnd);
  await rest?.close({ ms: Math.max(MIN_CLOSING_MS, Math.min(MAX_CLOSING_MS, left)) });
  const read = work.flatMap(({ found }) => found.results(target.name, kept));
  return rest === undefined ? read : withLogouts(read, rest.failedLogouts());
}

/** Counted once, with the first result. */
function withLogouts(read: SweptRead[], failedLogouts: number): SweptRead[] {
  const [first, ...others] = read;
  if (first?.result.status !== 'fulfilled') return read;
  const { value } = first.result;
  const measurements = { ...value.measurements, failedLogouts };
  return [{ ...first, result: { status: 'fulfilled', value: { ...value, measurements } } }, ...others];
}

/** What one reader finds, by kind: the points of its rows, and the outcome of each item. */
function startFinding(
  reader: ReaderFacts,
  wanted: readonly WantedOfKind[],
  { collectors, clock }: { collectors: ReturnType<typeof collectorsOf>; clock: GuardedLoginDeps['clock'] },
) {
  const kinds = new Map(
    wanted.map((one) => [one.kind, { ...one, ...startKind(reader, one, collectors, clock) }]),
  );
  let failure: unknown;
  let hasFailed = false;
  return {
    offer(kind: KindName, moref: string, value: unknown) {
      const ofKind = kinds.get(kind);
      const place = ofKind?.places.get(moref);
      if (ofKind === undefined || place === undefined || ofKind.found.has(moref)) return;
      ofKind.found.add(moref);
      for (const { row, points } of ofKind.collecting.offer(reader, value))
        ofKind.columns.add(place, row, points);
      if (ofKind.columns.areTooMany()) throw new TooManySamplesError(kind);
    },
    fail(error: unknown) {
      hasFailed = true;
      failure = error;
    },
    results(target: string, kept: KeptResults): SweptRead[] {
      const why = `${reader.name}: ${messageOf(failure)}`;
      return Array.from(kinds.values(), ({ kind, items, needs, found, columns, collecting }) => {
        if (hasFailed) for (const need of needs) collecting.miss(reader, need, why);
        const tooMany = columns.areTooMany();
        const collected = collectedBy(collecting.results());
        const value = kept.hold(
          {
            ...EMPTY_RESULT,
            target,
            batch: 0,
            outcomes: items.map(({ moref }) => [moref, outcomeOf(found.has(moref), { hasFailed, tooMany })]),
            families: tooMany ? [] : columns.takeFamilies(),
            collectors: collected.collectors.map((one) => (tooMany ? { ...one, success: false } : one)),
            // Why it failed is a problem of the target.
            warnings: collected.warnings.filter(({ text }) => !hasFailed || !text.includes(why)),
          },
          { does: 'read' },
        );
        const morefs = items.map(({ moref }) => moref);
        const problems = hasFailed ? [`could not be read: ${why}`] : [];
        return { reader, kind, morefs, result: { status: 'fulfilled', value }, problems };
      });
    },
  };
}

function startKind(
  reader: ReaderFacts,
  { kind, items }: WantedOfKind,
  collectors: ReturnType<typeof collectorsOf>,
  clock: GuardedLoginDeps['clock'],
) {
  const isOfKind = (row: (typeof collectors)[number]['rows'][number]) =>
    row.kind === kind && row.source.reader.name === reader.name;
  const collecting: CollectorRun = createCollectorRun(
    collectors.map((one) => ({ ...one, rows: one.rows.filter(isOfKind) })),
    clock,
  );
  return {
    collecting,
    columns: createColumns(),
    places: new Map(items.map(({ moref }, index) => [moref, index])),
    found: new Set<string>(),
  };
}

function outcomeOf(isFound: boolean, { hasFailed, tooMany }: { hasFailed: boolean; tooMany: boolean }) {
  if (tooMany) return failed('result-too-large');
  if (isFound) return ok;
  return failed(hasFailed ? 'target' : 'unreadable');
}
