import pLimit, { type LimitFunction } from 'p-limit';
import { MAX_CAREFUL_HOSTS } from '../../logins/rules/lost-worker.ts';
import type { Flights } from '../../logins/trial/flights.ts';
import { RECORD_MS } from '../../logins/trial/keep-record.ts';
import type { SendOptions } from '../../logins/trial/waves.ts';
import { type Deadline, startDeadline, withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
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
  encodeBatchRequest,
} from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { MAX_BATCH_HOSTS, sliceBatches } from '../plan/batch-size.ts';
import type { SweepSession } from '../sessions.ts';
import { type Attempt, createHandOver, type HandOverDeps } from './hand-over.ts';

/** What all batches of a target have in common. */
export type BatchOrder = Pick<BatchRequest, 'runId' | 'sweep' | 'target' | 'endsAt' | 'credential'> & {
  /** Of `endsAt`; a worker gets that by the wall clock. */
  readonly timeline: Timeline;
  readonly needsProperties: boolean;
  /** Whether the hosts are known to be those of the target now. */
  readonly listed: boolean;
  /** Undefined when the target was not logged in to. */
  readonly session: SweepSession | undefined;
  /** The number of the first batch; a worker takes each number of a run once. Default 0. */
  readonly firstBatch?: number;
  /** The hosts that a batch may have. */
  readonly maxHosts?: number;
  /** Whether this process collects the batches itself, but for those that are asked with care. */
  readonly own?: boolean;
};

export interface DispatchDeps extends HandOverDeps {
  /** Bounds the batches under way over all targets. */
  readonly batches: LimitFunction;
  /** Batches under way on one target: each has a vCenter session. Default 8. */
  readonly maxBatchesPerTarget?: number | undefined;
  /** The record of batches under way, where there is one: before a worker starts it answers the hosts as they go out. */
  readonly record?: Pick<Flights<BatchHost>, 'begin'> | undefined;
}

const MAX_BATCHES_PER_TARGET = 8;

/** Hands batches of one target to workers. */
export interface Dispatcher {
  /**
   * Sends hosts in batches, each of which is there when it is back or the time is over; what is not back by then is lost.
   * When the run is told to stop, workers end by themselves, and are waited for as long as their logins may take to end.
   * No batch rejects. With `verdictFirst` others wait for how logins end, and vCenter gets little time; with `care`,
   * after a lost worker, batches are small.
   */
  send(hosts: readonly BatchHost[], how?: SendOptions): readonly Promise<FinishedBatch>[];
}

/** From the stop of a run until the logins of its workers have ended and are on record. */
const LAST_LOGINS_MS = ANSWER_MS + RECORD_MS;

/** The most that vCenter may take where others wait for the verdict on a credential. */
const BRIEF_MS = 5_000;
const BRIEF_SHARE = 1 / 8;

export function createDispatcher(
  order: BatchOrder,
  deps: DispatchDeps,
  { signal }: { signal: AbortSignal },
): Dispatcher {
  const handOver = createHandOver(order, deps, { signal });
  const ofTarget = pLimit(deps.maxBatchesPerTarget ?? MAX_BATCHES_PER_TARGET);
  let count = order.firstBatch ?? 0;
  /** It kept a wave waiting for nothing once; the other waves of the run do without it. */
  let vcenterHangs = false;
  const sendOne = async (
    planned: readonly BatchHost[],
    { verdictFirst, care, inTurn }: SendOptions,
  ): Promise<FinishedBatch> => {
    const careful = care === undefined ? {} : { care };
    const batch = count;
    count += 1;
    let hosts = planned;
    const attempt: Attempt = { started: false, problems: [] };
    const invoke = async () => {
      const { timeline, endsAt } = order;
      using brief = verdictFirst ? startBrief(order, deps, { signal }) : undefined;
      const turns = inTurn === undefined ? {} : { inTurn };
      const vcenter = { ...order, ...careful, ...turns, brief };
      if (verdictFirst && vcenterHangs) vcenter.session = undefined;
      const request = await makeRequest({ hosts, batch }, vcenter, { ...deps, ...attempt }, { signal });
      if (brief?.remainingMs() === 0) vcenterHangs = true;
      hosts = (await deps.record?.begin({ hosts, batch, ...careful }, { signal })) ?? hosts;
      request.hosts = [...hosts];
      request.endsAt = timeline.onWallClock(endsAt);
      // One that may end its worker is rather asked by a process of its own.
      const own = order.own === true && care === undefined;
      const answer = await handOver(encodeBatchRequest(request), attempt, { own });
      const result = decodeBatchResult(answer);
      if (verdictFirst && result.outcomes.every(isVcenterLate)) vcenterHangs = true;
      const { target } = order;
      deps.log.debug('a batch has ended', {
        target,
        batch,
        hosts: hosts.length,
        bytes: answer.length,
        ...result.measurements,
      });
      return result;
    };
    const isUnderWay = () => isStopped(signal);
    using patience = startGrace({ ...deps, ms: LAST_LOGINS_MS, isUnderWay, signal });
    // Inside the limits too: a worker that never answers must not keep its place in them for ever.
    const limited = ofTarget(() => deps.batches(() => untilAborted(invoke(), patience.signal)));
    const [result] = await Promise.allSettled([untilAborted(limited, patience.signal)]);
    const { started, refusal, problems } = attempt;
    if (result.status === 'rejected' && !started && refusal !== undefined) result.reason = refusal;
    return { batch, hosts, result, started, problems, ...careful };
  };
  const { maxHosts = MAX_BATCH_HOSTS } = order;
  return {
    send: (hosts, how = { verdictFirst: false }) =>
      sliceBatches(hosts, how.care === undefined ? maxHosts : Math.min(MAX_CAREFUL_HOSTS, maxHosts)).map(
        (batch) => sendOne(batch, how),
      ),
  };
}

/** The time of a vCenter where others wait for the verdict; what this process did not read in it counts as in time. */
function startBrief(
  { timeline, endsAt }: Pick<BatchOrder, 'timeline' | 'endsAt'>,
  { clock }: Pick<DispatchDeps, 'clock'>,
  { signal }: { signal: AbortSignal },
): Deadline {
  const ms = Math.min(BRIEF_MS, timeline.msUntil(endsAt) * BRIEF_SHARE);
  return startDeadline({ clock, ms, patienceMs: ms, what: 'vCenter, while other hosts wait', signal });
}

const isVcenterLate = ([, vcenter]: BatchResult['outcomes'][number]) =>
  vcenter.kind === 'failed' && vcenter.reason === 'deadline';

async function makeRequest(
  { hosts, batch }: { hosts: readonly BatchHost[]; batch: number },
  order: BatchOrder & Pick<BatchRequest, 'care' | 'inTurn'> & { readonly brief: Deadline | undefined },
  deps: Parameters<typeof accessTo>[1],
  { signal }: { signal: AbortSignal },
): Promise<BatchRequest> {
  signal.throwIfAborted();
  const {
    needsProperties,
    listed,
    session,
    brief: _brief,
    timeline: _timeline,
    firstBatch: _given,
    own: _own,
    maxHosts: _max,
    ...common
  } = order;
  return {
    version: BATCH_VERSION,
    ...common,
    batch,
    hosts: [...hosts],
    vcenter: await accessTo(order, deps, { signal }),
  };
}

/** The share of the time left for which a batch waits for its ticket. */
const TICKET_SHARE = 1 / 4;

/** Without a ticket the batch still goes out, and in time: its hosts are asked by ssh. */
async function accessTo(
  order: Pick<BatchOrder, 'needsProperties' | 'listed' | 'session' | 'endsAt' | 'timeline'> & {
    readonly brief: Deadline | undefined;
  },
  { clock, log, problems }: Pick<DispatchDeps, 'clock' | 'log'> & Pick<Attempt, 'problems'>,
  { signal }: { signal: AbortSignal },
): Promise<BatchRequest['vcenter']> {
  const { needsProperties, listed, session, endsAt, brief, timeline } = order;
  if (listed && !needsProperties) return 'not-needed';
  if (session === undefined) return 'failed';
  const ms = brief?.remainingMs() ?? timeline.msUntil(endsAt) * TICKET_SHARE;
  try {
    const ticket = await withTimeLimit({ clock, ms, what: 'getting a clone ticket', signal }, (limited) =>
      session.acquireCloneTicket({ signal: limited }),
    );
    return brief === undefined ? { ticket } : { ticket, endsAt: clock.now() + brief.remainingMs() };
  } catch (error) {
    log.warn('no clone ticket for a batch', { error: messageOf(error) });
    problems.push(`vCenter gave no clone ticket for the sessions of the workers: ${messageOf(error)}`);
    return 'failed';
  }
}
