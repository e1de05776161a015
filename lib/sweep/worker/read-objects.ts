import type { Clock } from '../../platform/clock.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { Timeline } from '../../platform/timeline.ts';
import { isNotAuthenticated, NOT_AUTHENTICATED } from '../../vsphere/errors.ts';
import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import type { BatchRequest } from '../batch.ts';
import { failed, type Outcome, ok } from '../outcome.ts';
import type { WorkerSession } from '../sessions.ts';

export type CloneSession = (ticket: string, options: { signal: AbortSignal }) => Promise<WorkerSession>;

/** What came from vCenter for one batch. */
export interface ReadObjects {
  /** Outcome of the vcenter path by moref. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly detail?: string;
  readonly calls: number;
  readonly bytes: number;
  /** 1 when the session was left to its time-out. */
  readonly failedLogouts: number;
}

const NO_SESSION = { calls: 0, bytes: 0, failedLogouts: 0 };

/** Kept of the worker's time for the logout: a vCenter that hangs must not make the result of ssh late. */
const CLOSING_MS = 2_000;
const CLOSING_SHARE = 0.2;
const MAX_CLOSING_MS = 5_000;
const MIN_CLOSING_MS = 500;

/**
 * Reads the batch's objects in a session of its own and hands each to `onObject` while the answer streams. Never
 * rejects: what came counts, the rest is failed with the reason of what went wrong. Done by the end of the request.
 */
export async function readObjects(
  request: Pick<BatchRequest, 'vcenter' | 'hosts' | 'endsAt'>,
  work: {
    clock: Clock;
    /** Of the request's ends. */
    timeline: Timeline;
    paths: readonly string[];
    clone: CloneSession;
    onObject: (object: RetrievedObject) => void;
    /** Runs in the same session when all objects are there; what goes wrong in it costs no host. */
    afterwards?: (session: WorkerSession, options: { signal: AbortSignal }) => Promise<void>;
  },
  options: { signal: AbortSignal },
): Promise<ReadObjects> {
  const { vcenter, hosts, endsAt } = request;
  const { clock, timeline } = work;
  const outcomes = new Map<string, Outcome>();
  const rest = (outcome: Outcome) => {
    for (const { moref } of hosts) if (!outcomes.has(moref)) outcomes.set(moref, outcome);
  };
  if (vcenter === 'not-needed' || vcenter === 'failed') {
    rest(vcenter === 'failed' ? failed('target') : ok);
    return { outcomes, ...NO_SESSION };
  }
  const left = timeline.msUntil(endsAt);
  const lastMs = left - Math.min(CLOSING_MS, left * CLOSING_SHARE);
  const ms = Math.min(lastMs, timeline.msUntil(vcenter.endsAt ?? endsAt));
  using reading = startDeadline({
    ...options,
    clock,
    ms,
    // An earlier end is for a vCenter that is slow, not for a process that did not read what it sent.
    patienceMs: lastMs - ms,
    what: 'reading from vCenter',
  });
  const { signal } = reading;
  let session: WorkerSession | undefined;
  let detail: string | undefined;
  try {
    session = await work.clone(vcenter.ticket, { signal });
    const query = { type: 'HostSystem', morefs: hosts.map(({ moref }) => moref), paths: work.paths } as const;
    for await (const object of session.retrieve(query, { signal })) {
      outcomes.set(object.moref.value, outcomeOf(object));
      work.onObject(object);
    }
    rest(failed('unreadable'));
    await work.afterwards?.(session, { signal });
  } catch (error) {
    detail = messageOf(error);
    rest(failed(reasonOf(error, session === undefined)));
  } finally {
    const closingMs = Math.min(MAX_CLOSING_MS, timeline.msUntil(vcenter.endsAt ?? endsAt));
    await session?.close({ ms: Math.max(MIN_CLOSING_MS, closingMs) });
  }
  const { calls, bytes, failedLogouts } = session?.measurements() ?? NO_SESSION;
  return { outcomes, ...(detail === undefined ? {} : { detail }), calls, bytes, failedLogouts };
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
