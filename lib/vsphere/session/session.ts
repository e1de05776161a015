import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { isNotAuthenticated } from '../errors.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { type About, readServiceContent, type ServiceContent } from '../service-content.ts';
import { callForRequiredValue, callForValue } from '../soap/soap-reply.ts';
import { methodCall, textElement } from '../soap/soap-request.ts';
import type { VsphereEndpoint } from '../transport/http-transport.ts';
import type { Measurements } from '../transport/with-measuring.ts';
import { type Link, openLink, openSession, type VsphereSessionDeps } from './link.ts';
import { toLoginError } from './login-error.ts';

export type { VsphereEndpoint } from '../transport/http-transport.ts';
export type { VsphereSessionDeps } from './link.ts';

/** A user name and password. Never log it, never put it into a message. */
export interface PasswordProof {
  readonly username: string;
  readonly password: string;
}

/**
 * A session in which somebody is logged in. End it with `await using`, or call `logout` in `finally`: a session that
 * is left open lives on in vCenter for two hours, and there is a limit to them.
 */
export interface VsphereSession extends RetrievalSession, AsyncDisposable {
  readonly endpoint: VsphereEndpoint;
  readonly about: About;
  /** When the TLS certificate of its newest connection ends: milliseconds since the epoch; undefined if that is not known. */
  certificateEndsAt(): number | undefined;
  /** A ticket with which one other process can open one session of its own. It is a secret. */
  acquireCloneTicket(options: { signal: AbortSignal }): Promise<string>;
  /**
   * Ends the session and drops its connections; a second call does nothing. Takes 5 s at most, also when `signal`
   * has longer. To log out after the work's signal aborted, give it another one or dispose the session, which goes
   * by the 5 s alone and logs a failure instead of throwing it.
   */
  logout(options: { signal: AbortSignal }): Promise<void>;
  measurements(): SessionMeasurements;
}

/** What a session has cost so far. */
export interface SessionMeasurements extends Measurements {
  /** 1 when its logout failed, and it was left to its time-out. */
  readonly failedLogouts: 0 | 1;
}

const CLOSING_MS = 5_000;

/**
 * The session may be there although the signal has aborted: an answer that was on its way then is waited for a
 * moment, so that somebody can end what it opened.
 */
export interface OpenOptions {
  readonly signal: AbortSignal;
  /** When the session will be over at the latest, in milliseconds since the epoch; absent for one that is held. */
  readonly endsAt?: number;
}

export interface LoginOptions extends OpenOptions {
  /** Called when the endpoint answers and before the password is sent; what it throws ends the login. */
  readonly beforePassword?: (about: About) => Promise<void>;
}

/**
 * Opens a session by password: one attempt, never repeated. Throws VsphereLoginError, or what `beforePassword` threw.
 */
export async function login(
  endpoint: VsphereEndpoint,
  proof: PasswordProof,
  deps: VsphereSessionDeps,
  { signal, endsAt, beforePassword }: LoginOptions,
): Promise<VsphereSession> {
  const link = openLink(endpoint, deps, endsAt);
  try {
    const content = await readServiceContent(link.transport, { signal }).catch((error) => {
      throw toLoginError(error, { endpoint: endpoint.name, account: proof.username, sent: false });
    });
    await beforePassword?.(content.about);
    await sendPassword(link, content, proof, { signal });
    return toSession(link, content);
  } catch (error) {
    link.close();
    throw error;
  }
}

/** Opens a session with another session's ticket; needs no password and cannot lock anybody out. */
export async function cloneSession(
  endpoint: VsphereEndpoint,
  ticket: string,
  deps: VsphereSessionDeps,
  { signal, endsAt }: OpenOptions,
): Promise<VsphereSession> {
  const link = openLink(endpoint, deps, endsAt);
  try {
    const content = await readServiceContent(link.transport, { signal });
    const call = methodCall('CloneSession', content.sessionManager, textElement('cloneTicket', ticket));
    await openSession(link, content, { ...call, secret: ticket }, { signal });
    return toSession(link, content);
  } catch (error) {
    link.close();
    throw error;
  }
}

async function sendPassword(
  link: Link,
  content: ServiceContent,
  { username, password }: PasswordProof,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let sent = false;
  const onSent = () => {
    sent = true;
  };
  try {
    const parameters = textElement('userName', username) + textElement('password', password);
    const call = methodCall('Login', content.sessionManager, parameters);
    await openSession(link, content, { ...call, secret: password }, { signal, onSent });
  } catch (error) {
    throw toLoginError(error, { endpoint: link.endpoint.name, account: username, sent });
  }
}

function toSession(link: Link, content: ServiceContent): VsphereSession {
  const { endpoint, clock, log, transport, measurements } = link;
  let ended = false;
  let failedLogouts: 0 | 1 = 0;

  const inClosingTime = (
    what: string,
    { signal, ms = CLOSING_MS }: { signal: AbortSignal; ms?: number },
    work: (signal: AbortSignal) => Promise<unknown>,
  ) => withTimeLimit({ clock, ms, what: `${what} on ${endpoint.name}`, signal }, work);

  const logout = async ({ signal }: { signal: AbortSignal }) => {
    if (ended) return;
    ended = true;
    const call = methodCall('Logout', content.sessionManager);
    try {
      await inClosingTime('logout', { signal }, (limited) =>
        callForValue(transport, call, { signal: limited }),
      );
    } catch (error) {
      if (isNotAuthenticated(error)) return;
      failedLogouts = 1;
      throw error;
    } finally {
      link.close();
    }
  };

  const quietly = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      log.warn(`${what} failed`, { target: endpoint.name, error: messageOf(error) });
    }
  };

  return {
    endpoint,
    about: content.about,
    content,
    transport,
    certificateEndsAt: link.certificateEndsAt,
    measurements: () => ({ ...measurements(), failedLogouts }),
    logout,
    async acquireCloneTicket({ signal }) {
      const call = methodCall('AcquireCloneTicket', content.sessionManager);
      return (await callForRequiredValue(transport, call, { signal })).text;
    },
    tidyUp: (call, limit) =>
      quietly(call.operation, () =>
        inClosingTime(call.operation, { ...limit, signal: unending() }, (signal) =>
          callForValue(transport, call, { signal }),
        ),
      ),
    [Symbol.asyncDispose]: () => quietly('logout', () => logout({ signal: unending() })),
  };
}

/** A signal that never aborts: the time limit around it does. */
function unending(): AbortSignal {
  return new AbortController().signal;
}
