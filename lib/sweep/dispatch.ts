import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Invoke } from '../platform/invoke.ts';
import type { Log } from '../platform/log.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import {
  BATCH_VERSION,
  type BatchHost,
  type BatchRequest,
  decodeBatchResult,
  encodeBatchRequest,
} from './batch.ts';
import type { FinishedBatch } from './merge.ts';
import type { SweepSession } from './vcenter-login.ts';

export const COLLECT_BATCH = 'collect-batch';

/** What all batches of a target have in common. */
export type BatchOrder = Pick<BatchRequest, 'runId' | 'sweep' | 'target' | 'endsAt' | 'credential'> & {
  readonly needsProperties: boolean;
  /** Undefined when the target could not be logged in to. */
  readonly session: SweepSession | undefined;
};

export interface DispatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly invoke: Invoke;
  /** Bounds the batches under way over all targets. */
  readonly batches: LimitFunction;
  /** Called with the number of hosts of each batch that came back or was lost. */
  readonly onFinished?: (hosts: number) => void;
}

const BATCHES_PER_TARGET = 8;

/**
 * Hands each slice of hosts to a worker and waits until all are back or the signal aborts; what is not back by then
 * is lost. Never rejects.
 */
export async function dispatchBatches(
  slices: readonly (readonly BatchHost[])[],
  order: BatchOrder,
  deps: DispatchDeps,
  { signal }: { signal: AbortSignal },
): Promise<FinishedBatch[]> {
  const ofTarget = pLimit(BATCHES_PER_TARGET);
  return Promise.all(
    slices.map(async (hosts, batch): Promise<FinishedBatch> => {
      // Inside the limits too: a worker that never answers must not keep its place in them for ever.
      const invoke = () => untilAborted(invokeBatch({ hosts, batch }, order, deps, { signal }), signal);
      const [result] = await Promise.allSettled([
        untilAborted(
          ofTarget(() => deps.batches(invoke)),
          signal,
        ),
      ]);
      deps.onFinished?.(hosts.length);
      return { hosts, result };
    }),
  );
}

async function invokeBatch(
  { hosts, batch }: { hosts: readonly BatchHost[]; batch: number },
  order: BatchOrder,
  deps: DispatchDeps,
  { signal }: { signal: AbortSignal },
) {
  signal.throwIfAborted();
  const { needsProperties, session, ...common } = order;
  const request: BatchRequest = {
    version: BATCH_VERSION,
    ...common,
    batch,
    hosts: [...hosts],
    vcenter: await accessTo(session, { needsProperties, endsAt: order.endsAt, signal }, deps),
  };
  return decodeBatchResult(await deps.invoke(COLLECT_BATCH, encodeBatchRequest(request), { signal }));
}

/** The share of the time left for which a batch waits for its ticket. */
const TICKET_SHARE = 1 / 4;

/** Without a ticket the batch still goes out, and in time: its hosts are asked by ssh. */
async function accessTo(
  session: SweepSession | undefined,
  { needsProperties, endsAt, signal }: { needsProperties: boolean; endsAt: number; signal: AbortSignal },
  { clock, log }: Pick<DispatchDeps, 'clock' | 'log'>,
): Promise<BatchRequest['vcenter']> {
  if (session === undefined) return 'failed';
  if (!needsProperties) return 'not-needed';
  const ms = Math.max(0, endsAt - clock.now()) * TICKET_SHARE;
  try {
    const ticket = await withTimeLimit({ clock, ms, what: 'getting a clone ticket', signal }, (limited) =>
      session.acquireCloneTicket({ signal: limited }),
    );
    return { ticket };
  } catch (error) {
    log.warn('no clone ticket for a batch', { error: messageOf(error) });
    return 'failed';
  }
}
