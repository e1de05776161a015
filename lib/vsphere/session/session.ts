import { randomInt } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isNotAuthenticated, toLoginError } from '../errors.ts';
import { callForRequiredValue, callForValue } from '../soap/soap-reply.ts';
import { methodCall, textElement } from '../soap/soap-request.ts';
import { createHttpTransport, type VsphereEndpoint } from '../transport/http-transport.ts';
import type { SoapCall, Transport } from '../transport/transport.ts';
import { type Measurements, withMeasuring } from '../transport/with-measuring.ts';
import { withRetry } from '../transport/with-retry.ts';
import { type About, readServiceContent, type ServiceContent } from './service-content.ts';

export type { VsphereEndpoint } from '../transport/http-transport.ts';

export interface VsphereSessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1, for the pauses between repeated reads. */
  readonly random?: () => number;
  /** `vsweep/<version>`: by it an administrator recognises the session in vCenter. Default `vsweep`. */
  readonly userAgent?: string;
}

/** A user name and password. Never log it, never put it into a message. */
export interface PasswordProof {
  readonly username: string;
  readonly password: string;
}

/**
 * A session in which somebody is logged in. End it with `await using`, or call `logout` in `finally`: a session that
 * is left open lives on in vCenter for two hours, and there is a limit to them.
 */
export interface VsphereSession extends AsyncDisposable {
  readonly endpoint: VsphereEndpoint;
  readonly about: About;
  readonly content: ServiceContent;
  /** Retried and measured; not renewed (see `withRenewal` and `authenticate`). */
  readonly transport: Transport;
  /** A ticket with which one other process can open one session of its own. It is a secret. */
  acquireCloneTicket(options: { signal: AbortSignal }): Promise<string>;
  /** Logs in again in this session after it has ended. It is a login: ask the lockout rules first. Throws VsphereLoginError. */
  authenticate(proof: PasswordProof, options: { signal: AbortSignal }): Promise<void>;
  /**
   * Ends the session and drops its connections; a second call does nothing. Takes 5 s at most, also when `signal`
   * has longer. To log out after the work's signal aborted, give it another one or dispose the session, which goes
   * by the 5 s alone and logs a failure instead of throwing it.
   */
  logout(options: { signal: AbortSignal }): Promise<void>;
  /** Makes a call that cleans up: 5 s, whatever became of the work's signal; a failure is logged, never thrown. */
  tidyUp(call: SoapCall): Promise<void>;
  measurements(): Measurements;
}

const CLOSING_MS = 5_000;

export interface LoginOptions {
  readonly signal: AbortSignal;
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
  { signal, beforePassword }: LoginOptions,
): Promise<VsphereSession> {
  const link = openLink(endpoint, deps);
  try {
    const content = await readServiceContent(link.transport, { signal }).catch((error) => {
      throw toLoginError(error, { endpoint: endpoint.name, account: proof.username, sent: false });
    });
    await beforePassword?.(content.about);
    await authenticate(link, content, proof, { signal });
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
  { signal }: { signal: AbortSignal },
): Promise<VsphereSession> {
  const link = openLink(endpoint, deps);
  try {
    const content = await readServiceContent(link.transport, { signal });
    const call = methodCall('CloneSession', content.sessionManager, textElement('cloneTicket', ticket));
    await callForValue(link.transport, { ...call, secret: ticket }, { signal });
    return toSession(link, content);
  } catch (error) {
    link.close();
    throw error;
  }
}

/** The decorated transport to one endpoint. */
interface Link {
  readonly endpoint: VsphereEndpoint;
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  readonly measurements: () => Measurements;
  readonly close: () => void;
}

function openLink(endpoint: VsphereEndpoint, deps: VsphereSessionDeps): Link {
  const { clock, log, random = () => randomInt(1_000) / 1_000, userAgent = 'vsweep' } = deps;
  const http = createHttpTransport({ endpoint, userAgent });
  const { transport, measurements } = withMeasuring(http, { clock });
  return {
    endpoint,
    clock,
    log,
    transport: withRetry(transport, { clock, log, random }),
    measurements,
    close: () => http[Symbol.dispose](),
  };
}

async function authenticate(
  { endpoint, transport }: Link,
  { sessionManager }: ServiceContent,
  { username, password }: PasswordProof,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let sent = false;
  const onSent = () => {
    sent = true;
  };
  try {
    const parameters = textElement('userName', username) + textElement('password', password);
    const call = methodCall('Login', sessionManager, parameters);
    await callForValue(transport, { ...call, secret: password }, { signal, onSent });
  } catch (error) {
    throw toLoginError(error, { endpoint: endpoint.name, account: username, sent });
  }
}

function toSession(link: Link, content: ServiceContent): VsphereSession {
  const { endpoint, clock, log, transport, measurements } = link;
  let ended = false;

  const inClosingTime = (
    what: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<unknown>,
  ) => withTimeLimit({ clock, ms: CLOSING_MS, what: `${what} on ${endpoint.name}`, signal }, work);

  const logout = async ({ signal }: { signal: AbortSignal }) => {
    if (ended) return;
    ended = true;
    const call = methodCall('Logout', content.sessionManager);
    try {
      await inClosingTime('logout', signal, (limited) => callForValue(transport, call, { signal: limited }));
    } catch (error) {
      if (!isNotAuthenticated(error)) throw error;
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
    measurements,
    logout,
    authenticate: (proof, options) => authenticate(link, content, proof, options),
    async acquireCloneTicket({ signal }) {
      const call = methodCall('AcquireCloneTicket', content.sessionManager);
      return (await callForRequiredValue(transport, call, { signal })).text;
    },
    tidyUp: (call) =>
      quietly(call.operation, () =>
        inClosingTime(call.operation, unending(), (signal) => callForValue(transport, call, { signal })),
      ),
    [Symbol.asyncDispose]: () => quietly('logout', () => logout({ signal: unending() })),
  };
}

/** A signal that never aborts: the time limit around it does. */
function unending(): AbortSignal {
  return new AbortController().signal;
}
