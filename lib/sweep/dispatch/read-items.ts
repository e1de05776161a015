import pLimit from 'p-limit';
import type { ReaderFacts } from '../../catalogue/row.ts';
import type { KindName } from '../../inventory/kind.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { Timeline } from '../../platform/timeline.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { ONLY_NEWEST } from '../../readers/reader.ts';
import {
  BATCH_VERSION,
  type BatchResult,
  decodeBatchResult,
  EMPTY_RESULT,
  encodeBatchRequest,
  mayBeRead,
  type ReadRequest,
} from '../batch.ts';
import { NoTicketError } from '../errors.ts';
import { failed } from '../outcome.ts';
import { READ_SLICE, sliceBatches } from '../plan/batch-size.ts';
import type { ItemsToRead } from '../plan/items-to-read.ts';
import type { SweepSession } from '../sessions.ts';
import { type Attempt, createHandOver, type HandOverDeps } from './hand-over.ts';
import type { KeptResults } from './kept-results.ts';
import type { Turn } from './places.ts';

/** What all batches of a target have in common that read. */
export interface ReadOrder extends Pick<ReadRequest, 'runId' | 'sweep' | 'target' | 'endsAt'> {
  /** Of `endsAt`; a worker gets that by the wall clock. */
  readonly timeline: Timeline;
  readonly session: Pick<SweepSession, 'acquireCloneTicket'>;
  /** Whether this process collects the batches itself. */
  readonly own: boolean;
  /** Holds the results of the target within bounds. */
  readonly kept: Pick<KeptResults, 'hold'>;
  /** Called with the kind and number of items of each batch that came back or was lost. */
  readonly onFinished?: (kind: KindName, items: number) => void;
}

export interface ReadItemsDeps extends HandOverDeps {
  /** Gives those that read their turn, over all targets. */
  readonly reads: Turn;
  /** Batches that read one target side by side: each has a session there. Default 8. */
  readonly maxBatchesPerTarget?: number;
}

/** Items that were read, or could not be. */
export interface FinishedRead {
  readonly kind: KindName;
  readonly morefs: readonly string[];
  readonly result: PromiseSettledResult<BatchResult>;
  /** No worker was asked: no request may hold their references. It says nothing of collectors. */
  readonly isUnasked?: true;
  /** What cost the whole target something, for the operator. */
  readonly problems?: readonly string[];
}

/** What one reader of the sweep itself found of the items of a kind. */
export interface SweptRead extends FinishedRead {
  readonly reader: ReaderFacts;
}

export const MAX_READS_OF_TARGET = 8;
/** Above the numbers of batches that ask, of which claims and flights are kept. */
const FIRST_BATCH = 50_000;
/** The share of the time left for which a batch waits for its ticket. */
const TICKET_SHARE = 1 / 4;

/**
 * Reads all items of some kinds, in slices, each over a session of its own. An item whose reference no request may hold
 * is `failed(unreadable)`. A result that would be over its bounds is replaced by those of two halves, each with its own
 * ticket. What is not back when the signal aborts is lost. Never rejects.
 */
export async function readItems(
  wanted: readonly ItemsToRead[],
  order: ReadOrder,
  deps: ReadItemsDeps,
  options: { signal: AbortSignal },
): Promise<FinishedRead[]> {
  const handOver = createHandOver(order, deps, options);
  const ofTarget = pLimit(deps.maxBatchesPerTarget ?? MAX_READS_OF_TARGET);
  let count = FIRST_BATCH;
  /** Of a ticket that was waited for in vain: each further one would hold a place of another target for as long. */
  let hung: NoTicketError | undefined;
  const readSlice = async (slice: ItemsToRead, before: readonly string[] = []): Promise<FinishedRead[]> => {
    const { kind, items } = slice;
    const batch = count;
    count += 1;
    const attempt: Attempt = { started: false, problems: [...before] };
    const invoke = async (): Promise<BatchResult> => {
      if (hung !== undefined) throw hung;
      const request = await makeRequest({ ...slice, batch }, order, { ...deps, ...attempt }, options).catch(
        (error: unknown) => {
          if (error instanceof NoTicketError && error.cause instanceof DeadlineError) hung = error;
          throw error;
        },
      );
      const answer = await handOver(encodeBatchRequest(request), attempt, { own: order.own });
      const result = order.kept.hold(decodeBatchResult(answer), { does: 'read' });
      const { target } = order;
      deps.log.debug('items are read', {
        target,
        batch,
        kind,
        items: items.length,
        bytes: answer.length,
        ...result.measurements,
      });
      return result;
    };
    const limited = ofTarget(() => deps.reads(() => untilAborted(invoke(), options.signal), order.target));
    const [result] = await Promise.allSettled([untilAborted(limited, options.signal)]);
    if (result.status === 'rejected' && !attempt.started && attempt.refusal !== undefined)
      result.reason = attempt.refusal;
    if (result.status === 'fulfilled' && result.value.tooLarge && items.length > 1) {
      const halves = sliceBatches(items, Math.ceil(items.length / 2));
      const read = await Promise.all(
        halves.map((half) => readSlice({ ...slice, items: half }, attempt.problems)),
      );
      return read.flat();
    }
    order.onFinished?.(kind, items.length);
    return [{ kind, morefs: items.map(([, moref]) => moref), result, problems: attempt.problems }];
  };
  const slices = wanted.flatMap(({ items, ...rest }) =>
    sliceBatches(items.filter(mayBeRead), Math.min(READ_SLICE, rest.slice ?? READ_SLICE)).map((some) => ({
      ...rest,
      items: some,
    })),
  );
  const unasked = wanted.flatMap((one) => unaskedOf(one, order));
  return [...(await Promise.all(slices.map((slice) => readSlice(slice)))).flat(), ...unasked];
}

function unaskedOf({ kind, items }: ItemsToRead, { target, onFinished }: ReadOrder): FinishedRead[] {
  const morefs = items.filter((item) => !mayBeRead(item)).map(([, moref]) => moref);
  if (morefs.length === 0) return [];
  onFinished?.(kind, morefs.length);
  const value: BatchResult = {
    ...EMPTY_RESULT,
    target,
    batch: 0,
    outcomes: morefs.map((moref) => [moref, failed('unreadable')]),
    details: morefs.map((moref) => [moref, UNASKED]),
  };
  return [{ kind, morefs, result: { status: 'fulfilled', value }, isUnasked: true }];
}

const UNASKED = 'its reference from vCenter is empty or too long to be asked for';

/** A ticket that does not come costs its slice, and the operator is told once. */
async function makeRequest(
  { kind, items, since, batch }: ItemsToRead & { readonly batch: number },
  { runId, sweep, target, endsAt, timeline, session }: ReadOrder,
  { clock, log, problems }: Pick<ReadItemsDeps, 'clock' | 'log'> & Pick<Attempt, 'problems'>,
  { signal }: { signal: AbortSignal },
): Promise<ReadRequest> {
  const ms = timeline.msUntil(endsAt) * TICKET_SHARE;
  try {
    const ticket = await withTimeLimit({ clock, ms, what: 'getting a clone ticket', signal }, (limited) =>
      session.acquireCloneTicket({ signal: limited }),
    );
    const ends = timeline.onWallClock(endsAt);
    return {
      version: BATCH_VERSION,
      does: 'read',
      runId,
      sweep,
      target,
      batch,
      endsAt: ends,
      ticket,
      kind,
      items,
      ...(since === undefined ? {} : { since: items.map(([, moref]) => since.get(moref) ?? ONLY_NEWEST) }),
    };
  } catch (error) {
    signal.throwIfAborted();
    log.warn('no clone ticket for a batch', { target, error: messageOf(error) });
    problems.push(`vCenter gave no clone ticket for the sessions of the workers: ${messageOf(error)}`);
    throw new NoTicketError(messageOf(error), error);
  }
}
