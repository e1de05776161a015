import pLimit, { type LimitFunction } from 'p-limit';
import { messageOf } from '../platform/errors.ts';
import type { Invoke } from '../platform/invoke.ts';
import type { Log } from '../platform/log.ts';
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
      const work = ofTarget(() => deps.batches(() => invokeBatch({ hosts, batch }, order, deps, { signal })));
      const [result] = await Promise.allSettled([untilAborted(work, signal)]);
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
    vcenter: await accessTo(session, { needsProperties, log: deps.log, signal }),
  };
  return decodeBatchResult(await deps.invoke(COLLECT_BATCH, encodeBatchRequest(request), { signal }));
}

/** Without a ticket the batch still goes out: its hosts are asked by ssh. */
async function accessTo(
  session: SweepSession | undefined,
  { needsProperties, log, signal }: { needsProperties: boolean; log: Log; signal: AbortSignal },
): Promise<BatchRequest['vcenter']> {
  if (session === undefined) return 'failed';
  if (!needsProperties) return 'not-needed';
  try {
    return { ticket: await session.acquireCloneTicket({ signal }) };
  } catch (error) {
    log.warn('no clone ticket for a batch', { error: messageOf(error) });
    return 'failed';
  }
}

/** Settles with the work, or rejects with the signal's reason, whatever the work does. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
