import { NOT_AUTHENTICATED, VsphereFaultError, VsphereReplyError } from '../errors.ts';
import { type RetrievalSession, retrieveObjects } from '../property/retrieval.ts';
import type { PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, integerOf, textOf } from '../property/value-fields.ts';

/** A session as the SessionManager shows it. The key opens nothing. */
export interface ListedSession {
  readonly key: string;
  readonly userName: string;
  /** Empty when the client sent none. */
  readonly userAgent: string;
  /** By the clock of the vCenter; milliseconds since the epoch. */
  readonly lastActiveAt: number;
  /** The same, and the login, in ISO 8601 as vSphere sent them. */
  readonly lastActiveTime: string;
  readonly loginTime: string;
  readonly fullName: string;
  readonly ipAddress: string;
  readonly callCount: number;
}

export interface SessionList {
  readonly current: ListedSession;
  readonly all: readonly ListedSession[];
}

/** Sessions of an answer that are looked at; vCenter has at most 3,000 by default. */
const MAX_SESSIONS = 20_000;

/**
 * Every session of a vCenter or ESXi. Undefined when the account may not see them: that takes the privilege
 * `Sessions.TerminateSession`, which the role Read-only has not. Throws VsphereFaultError when the session has ended.
 */
export async function readSessionList(
  session: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<SessionList | undefined> {
  const { type, value } = session.content.sessionManager;
  const request = { type, morefs: [value], paths: ['currentSession', 'sessionList'] };
  for await (const { properties, missing } of retrieveObjects(session, request, { signal })) {
    const fault = missing.get('sessionList');
    if (fault === NOT_AUTHENTICATED) {
      throw new VsphereFaultError('the list of sessions', { fault, text: 'the session has ended' });
    }
    if (fault !== undefined) return undefined;
    const current = toListedSession(properties.get('currentSession'));
    const list = properties.get('sessionList');
    if (current === undefined || !Array.isArray(list)) break;
    const all = list.slice(0, MAX_SESSIONS).map(toListedSession);
    return { current, all: all.filter((one) => one !== undefined) };
  }
  throw new VsphereReplyError('the list of sessions came without what it must have', { code: 'not-soap' });
}

/** Undefined for what is no session, such as one without a readable time. */
function toListedSession(value: PropertyValue | undefined): ListedSession | undefined {
  const text = (name: string) => textOf(fieldOf(value, name)) ?? '';
  const lastActiveAt = Date.parse(text('lastActiveTime'));
  if (text('key') === '' || text('userName') === '' || Number.isNaN(lastActiveAt)) return undefined;
  return {
    key: text('key'),
    userName: text('userName'),
    userAgent: text('userAgent'),
    lastActiveAt,
    lastActiveTime: text('lastActiveTime'),
    loginTime: text('loginTime'),
    fullName: text('fullName'),
    ipAddress: text('ipAddress'),
    callCount: integerOf(fieldOf(value, 'callCount')) ?? 0,
  };
}
