import pLimit, { type LimitFunction } from 'p-limit';
import type { TargetConfig } from '../config/schema.ts';
import type { Credential, CredentialReader } from '../credentials/credential.ts';
import type { AccountHistory } from '../lockout/account-history.ts';
import { mayTryLogin } from '../lockout/may-try-login.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { VsphereLoginError } from '../vsphere/errors.ts';
import type { HostListing } from '../vsphere/inventory.ts';
import { TargetError } from './errors.ts';

/** A session that was opened by a login, as far as a sweep needs it. */
export interface SweepSession {
  listHosts(query: { managementAddress: boolean }, options: { signal: AbortSignal }): Promise<HostListing>;
  /** A ticket that opens one session for a worker. */
  acquireCloneTicket(options: { signal: AbortSignal }): Promise<string>;
  /** Never rejects; has its own time limit. */
  close(): Promise<void>;
}

export interface AccountRecords {
  read(user: string, address: string, options: { signal: AbortSignal }): Promise<AccountHistory | undefined>;
  recordRefusal(
    user: string,
    address: string,
    login: { version: string },
    options: { signal: AbortSignal },
  ): Promise<unknown>;
  recordSuccess(
    user: string,
    address: string,
    login: { version: string },
    options: { signal: AbortSignal },
  ): Promise<unknown>;
}

export interface VcenterLoginDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly credentials: CredentialReader;
  readonly accounts: AccountRecords;
  readonly blacklistMinutes: number;
  readonly logins: LoginQueue;
  login(
    target: TargetConfig,
    credential: Credential,
    options: { signal: AbortSignal },
  ): Promise<SweepSession>;
}

/** Lets one login at a time through for each account and address: the next one sees what became of it. */
export type LoginQueue = <T>(key: string, login: () => Promise<T>) => Promise<T>;

export function createLoginQueue(): LoginQueue {
  const queues = new Map<string, LimitFunction>();
  return (key, login) => {
    const queue = queues.get(key) ?? pLimit(1);
    queues.set(key, queue);
    return queue(login);
  };
}

const RECORD_MS = 2_000;

/**
 * Logs in to a target by password if the account's history there allows it, and records what became of it before
 * anybody can try again. Throws TargetError, which says what to do.
 */
export async function logInToTarget(
  target: TargetConfig,
  deps: VcenterLoginDeps,
  { signal }: { signal: AbortSignal },
): Promise<SweepSession> {
  const credential = await deps.credentials.read(target.credentials, { signal });
  const { username: user, version } = credential;
  const address = new URL(target.url).hostname.replace(/^\[|\]$/g, '');
  const record = (what: 'recordRefusal' | 'recordSuccess') =>
    withTimeLimit({ clock: deps.clock, ms: RECORD_MS, what, signal: new AbortController().signal }, (limit) =>
      deps.accounts[what](user, address, { version }, { signal: limit }),
    );

  return deps.logins(JSON.stringify([user, address]), async () => {
    signal.throwIfAborted();
    const history = await deps.accounts.read(user, address, { signal });
    checkPermission(history, { user, address }, deps);
    let session: SweepSession;
    try {
      session = await deps.login(target, credential, { signal });
    } catch (error) {
      if (error instanceof VsphereLoginError && error.credentialSent) await record('recordRefusal');
      throw error;
    }
    const isSettled = history?.refusals === 0 && history.provenVersion === version;
    if (!isSettled) await record('recordSuccess').catch(warnUnrecorded(deps.log));
    return session;
  });
}

function checkPermission(
  history: AccountHistory | undefined,
  { user, address }: { user: string; address: string },
  { clock, blacklistMinutes }: VcenterLoginDeps,
): void {
  const permission = mayTryLogin(history, { now: clock.now(), blacklistMinutes });
  if (permission.allowed) return;
  const when =
    permission.until === undefined
      ? 'it was refused twice and is not tried again by itself; correct the password, then'
      : `it was refused and is left alone until ${new Date(permission.until).toISOString()}; to try sooner`;
  throw new TargetError(
    `account ${user} on ${address}: ${when} run "vsweep blacklist lift --user ${user} --address ${address}"`,
  );
}

/** A success that is not recorded leaves the history too strict, never too lax, so the session is still used. */
const warnUnrecorded = (log: Log) => (error: unknown) =>
  log.warn('a successful login could not be recorded', { error: messageOf(error) });
