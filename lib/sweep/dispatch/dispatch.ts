import { MAX_CAREFUL_HOSTS } from '../../logins/rules/lost-worker.ts';
import type { Flights } from '../../logins/trial/flights.ts';
import { RECORD_MS } from '../../logins/trial/keep-record.ts';
import type { SendOptions } from '../../logins/trial/waves.ts';
import { startGrace } from '../../platform/grace.ts';
import { ANSWER_MS, isStopped } from '../../platform/stop.ts';
import type { Timeline } from '../../platform/timeline.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import {
  BATCH_VERSION,
  type BatchHost,
  type BatchRequest,
  type BatchResult,
  decodeBatchResult,
  EMPTY_RESULT,
  encodeBatchRequest,
} from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { MAX_BATCH_HOSTS, sliceBatches } from '../plan/batch-size.ts';
import { type Attempt, createHandOver, type HandOverDeps } from './hand-over.ts';
import type { KeptResults } from './kept-results.ts';
import type { Turn } from './places.ts';

/** What all batches of a target have in common that ask hosts. */
export type BatchOrder = Pick<
  BatchRequest,
  'runId' | 'sweep' | 'target' | 'endsAt' | 'credential' | 'probes'
> & {
  /** Of `endsAt`; a worker gets that by the wall clock. */
  readonly timeline: Timeline;
  /** Holds the results of the target within bounds. */
  readonly kept?: Pick<KeptResults, 'hold'>;
  /** The number of the first batch; a worker takes each number of a run once. Default 0. */
  readonly firstBatch?: number;
  /** The hosts that a batch may have. */
  readonly maxHosts?: number;
  /** Whether this process collects the batches itself, but for those that are asked with care. */
  readonly own?: boolean;
};

export interface DispatchDeps extends HandOverDeps {
  /** Gives those that ask their turn, over all targets. */
  readonly batches: Turn;
  /** The record of batches under way, where there is one: before a worker starts it answers the hosts as they go out. */
  readonly record?: Pick<Flights<BatchHost>, 'begin'> | undefined;
}

/** Hands batches of one target to workers. */
export interface Dispatcher {
  /**
   * Sends hosts in batches, each of which is there when it is back or the time is over; what is not back by then is lost.
   * When the run is told to stop, workers end by themselves, and are waited for as long as their logins may take to end.
   * No batch rejects. Hosts that are left alone are in the answer and go to no worker. With `care`, after a lost worker,
   * batches are small.
   */
  send(hosts: readonly BatchHost[], how?: SendOptions): readonly Promise<FinishedBatch>[];
}

/** From the stop of a run until the logins of its workers have ended and are on record. */
const LAST_LOGINS_MS = ANSWER_MS + RECORD_MS;

export function createDispatcher(
  order: BatchOrder,
  deps: DispatchDeps,
  { signal }: { signal: AbortSignal },
): Dispatcher {
  const handOver = createHandOver(order, deps, { signal });
  let count = order.firstBatch ?? 0;
  const sendOne = async (planned: readonly BatchHost[], { care }: SendOptions): Promise<FinishedBatch> => {
    const careful = care === undefined ? {} : { care };
    const batch = count;
    count += 1;
    if (!planned.some(isAsked))
      return { ...nobodyAsked(planned, { target: order.target, batch }), ...careful };
    let hosts = planned;
    const attempt: Attempt = { started: false, problems: [] };
    const invoke = async () => {
      signal.throwIfAborted();
      // Not given up at a stop: the table could take it up behind its end, and the next run would count it.
      hosts = (await deps.record?.begin({ hosts, batch, ...careful }, patience)) ?? hosts;
      signal.throwIfAborted();
      if (!hosts.some(isAsked)) return { ...EMPTY_RESULT, target: order.target, batch };
      const { runId, sweep, target, credential, probes, timeline, endsAt } = order;
      const request: BatchRequest = {
        version: BATCH_VERSION,
        does: 'ask',
        runId,
        sweep,
        target,
        batch,
        endsAt: timeline.onWallClock(endsAt),
        credential,
        ...careful,
        probes,
        hosts: hosts.filter(isAsked),
      };
      // One that may end its worker is rather asked by a process of its own.
      const own = order.own === true && care === undefined;
      const answer = await handOver(encodeBatchRequest(request), attempt, { own });
      const decoded = decodeBatchResult(answer);
      const result = order.kept?.hold(decoded, { does: 'ask' }) ?? decoded;
      const { durationMs } = result.measurements;
      const asked = request.hosts.length;
      deps.log.debug('a batch has ended', { target, batch, hosts: asked, bytes: answer.length, durationMs });
      return result;
    };
    const isUnderWay = () => isStopped(signal);
    using patience = startGrace({ ...deps, ms: LAST_LOGINS_MS, isUnderWay, signal });
    // Inside the limits too: a worker that never answers must not keep its place in them for ever.
    const limited = deps.batches(() => untilAborted(invoke(), patience.signal), order.target);
    const [result] = await Promise.allSettled([untilAborted(limited, patience.signal)]);
    const { started, refusal, problems } = attempt;
    if (result.status === 'rejected' && !started && refusal !== undefined) result.reason = refusal;
    return { batch, hosts, result, started, problems, ...careful };
  };
  const { maxHosts = MAX_BATCH_HOSTS } = order;
  return {
    send(hosts, how = {}) {
      const { asked = [], others } = Object.groupBy(hosts, (host) => (isAsked(host) ? 'asked' : 'others'));
      const size = how.care === undefined ? maxHosts : Math.min(MAX_CAREFUL_HOSTS, maxHosts);
      const batches = [...sliceBatches(asked, size), ...(others === undefined ? [] : [others])];
      return batches.map((batch) => sendOne(batch, how));
    },
  };
}

const isAsked = ({ ssh }: BatchHost): boolean => ssh === 'try';

/** Hosts that the plan or a stop leaves alone go to no worker and wait for no place: what they are is known. */
const nobodyAsked = (
  hosts: readonly BatchHost[],
  of: Pick<BatchResult, 'target' | 'batch'>,
): FinishedBatch => ({
  batch: of.batch,
  hosts,
  result: { status: 'fulfilled', value: { ...EMPTY_RESULT, ...of } },
  started: false,
  problems: [],
});
