import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import { startGrace } from '../../platform/grace.ts';
import type { HttpResponse } from '../../platform/http-exchange.ts';
import { retry } from '../../platform/retry.ts';
import { createTlsAgent } from '../../platform/tls.ts';
import { VsphereReplyError } from '../errors.ts';
import type { About } from '../service-content.ts';
import { LINGER_MS, type VsphereSessionDeps } from '../session/link.ts';
import type { PasswordProof } from '../session/session.ts';
import { withEnd } from '../session/session-end.ts';
import type { VsphereEndpoint } from '../transport/http-transport.ts';
import { type RestLink, send, statusError } from './rest-exchange.ts';
import { toRestLoginError } from './rest-login-error.ts';
import { pathOf, type RestCall, type RestForm, restFormOf, sessionPathOf } from './rest-version.ts';

/** A session with the REST API of a vCenter, beside that of SOAP. Close it in `finally`. */
export interface RestSession {
  /**
   * The answer to a call that changes nothing, checked. Such a call is repeated where the answer says that it may be.
   * Throws VsphereReplyError, whose status is 401 when the session has ended, or VsphereConnectionError.
   */
  call<T>(call: RestCall, schema: z.ZodType<T>, options: { signal: AbortSignal }): Promise<T>;
  /** Logs out in `ms` at most, whatever became of the work's signal, and drops the connections. Never rejects. */
  close(limit: { ms: number }): Promise<void>;
  /** 1 when the session was left to its time-out. */
  failedLogouts(): 0 | 1;
}

export interface RestLoginOptions {
  readonly signal: AbortSignal;
  /** When the session will be over at the latest, in milliseconds since the epoch. */
  readonly endsAt?: number;
  /** Called before the password is sent, on a connection that is made and checked; what it throws ends the login. */
  readonly beforePassword: () => Promise<void>;
}

/** The header of /rest and /api alike; also govmomi's `internal.SessionCookieName`. */
const SESSION_HEADER = 'vmware-api-session-id';
/** Of one answer. 25 tags, each on 10,000 objects, are 13 MB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_SESSION_BYTES = 64 * 1024;

/**
 * Logs in to the REST API by password: one attempt, never repeated, over a connection of its own to the origin of the
 * endpoint and with the same trust. Throws VsphereLoginError, or what `beforePassword` threw.
 */
export async function logInToRestApi(
  endpoint: VsphereEndpoint,
  proof: PasswordProof,
  about: Pick<About, 'version' | 'fields'>,
  deps: VsphereSessionDeps,
  { signal, endsAt, beforePassword }: RestLoginOptions,
): Promise<RestSession> {
  const form = restFormOf(about);
  const agent = createTlsAgent(endpoint.tls);
  const link: RestLink = { endpoint, agent, userAgent: withEnd(deps.userAgent ?? 'vsweep', endsAt) };
  try {
    const id = await createSession(link, { form, proof }, deps, { signal, beforePassword });
    return toSession(link, { form, id }, deps);
  } catch (error) {
    agent.destroy();
    throw error;
  }
}

/** The identifier of a session goes into a header: nothing else than what one may hold. */
const sessionId = z.string().regex(/^[\x21-\x7e]{1,4096}$/);

async function createSession(
  link: RestLink,
  { form, proof }: { form: RestForm; proof: PasswordProof },
  { clock }: Pick<VsphereSessionDeps, 'clock'>,
  { signal, beforePassword }: Pick<RestLoginOptions, 'signal' | 'beforePassword'>,
): Promise<string> {
  const { username, password } = proof;
  let sent = false;
  let no: { readonly error: unknown } | undefined;
  const beforeSent = () =>
    beforePassword().catch((error: unknown) => {
      no = { error };
      throw error;
    });
  // The answer that names the session is waited for a moment longer: without it nobody can end that.
  using grace = startGrace({ clock, ms: LINGER_MS, isUnderWay: () => sent, signal });
  const onSent = () => {
    sent = true;
  };
  try {
    signal.throwIfAborted();
    // RFC 7617, 2: a user name must not have a colon.
    if (username.includes(':')) throw new TypeError('REST takes no user name with a colon');
    const authorization = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
    const request = {
      method: 'POST',
      path: sessionPathOf(form),
      headers: { authorization, 'vmware-use-header-authn': 'true' },
      maxBytes: MAX_SESSION_BYTES,
    } as const;
    const response = await send(link, request, { signal: grace.signal, beforeSent, onSent });
    const origin = `the login to the REST API of ${link.endpoint.name}`;
    return read(form, response, sessionId, { origin, remedy: CHECK_REST });
  } catch (error) {
    if (no !== undefined) throw no.error;
    throw toRestLoginError(error, { endpoint: link.endpoint.name, account: username, sent });
  }
}

const CHECK_REST = 'Check the health of the vCenter (service vmware-vapi-endpoint), and any proxy between';

function toSession(
  link: RestLink,
  { form, id }: { form: RestForm; id: string },
  deps: VsphereSessionDeps,
): RestSession {
  const { endpoint, agent } = link;
  const { clock, log, random = () => randomInt(1_000) / 1_000 } = deps;
  const headers = { [SESSION_HEADER]: id };
  let failedLogouts: 0 | 1 = 0;
  let isClosed = false;
  return {
    async call(call, schema, { signal }) {
      const origin = `${call.resource}${call.action === undefined ? '' : ` (${call.action})`} on ${endpoint.name}`;
      const request = {
        method: call.action === undefined ? 'GET' : 'POST',
        path: pathOf(form, call),
        headers,
        maxBytes: call.maxBytes ?? MAX_ANSWER_BYTES,
        ...(call.action === undefined ? {} : { body: call.body ?? {} }),
      } as const;
      const attempt = async () =>
        read(form, await send(link, request, { signal }), schema, { origin, remedy: CHECK_REST });
      return await retry(origin, attempt, { clock, log, random, signal });
    },
    async close({ ms }) {
      if (isClosed) return;
      isClosed = true;
      const { signal } = new AbortController();
      try {
        await withTimeLimit({ clock, ms, what: 'the logout from REST', signal }, async (limited) => {
          const request = {
            method: 'DELETE',
            path: sessionPathOf(form),
            headers,
            maxBytes: MAX_SESSION_BYTES,
          } as const;
          const { status } = await send(link, request, { signal: limited });
          // 401: it has ended by itself.
          if (!isSuccess(status) && status !== UNAUTHENTICATED) throw new Error(`HTTP ${status}`);
        });
      } catch (error) {
        failedLogouts = 1;
        log.warn('REST session not closed; it ends by its idle timeout', {
          target: endpoint.name,
          error: messageOf(error),
        });
      } finally {
        agent.destroy();
      }
    },
    failedLogouts: () => failedLogouts,
  };
}

const UNAUTHENTICATED = 401;
const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** The value of an answer: /rest wraps it, /api does not. Nothing of the answer is in an error but its kind and place. */
function read<T>(
  form: RestForm,
  response: HttpResponse,
  schema: z.ZodType<T>,
  { origin, remedy }: { origin: string; remedy: string },
): T {
  const { status, text } = response;
  if (status === UNAUTHENTICATED)
    throw statusError(origin, response, 'The session has ended; the next run opens another one');
  if (!isSuccess(status)) throw statusError(origin, response, remedy);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new VsphereReplyError(`${origin} returned no JSON. ${remedy}`, { code: 'malformed', status });
  }
  const parsed = (
    form === 'rest' ? z.object({ value: schema }).transform(({ value }) => value) : schema
  ).safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map((part) => (typeof part === 'number' ? part : 'field')).join('.') ?? '';
  throw new VsphereReplyError(
    `${origin} returned JSON of another shape (${issue?.code} at ${place === '' ? 'the top' : place})`,
    { code: 'malformed', status },
  );
}
