import type { TargetConfig } from '../config/schema.ts';
import type { Credential, CredentialReader } from '../credentials/credential.ts';
import { type GuardedLoginDeps, guardedLogin } from '../lockout/guarded-login.ts';
import { VsphereLoginError } from '../vsphere/errors.ts';
import type { HostListing } from '../vsphere/inventory.ts';

/** A session that was opened by a login, as far as a sweep needs it. */
export interface SweepSession {
  listHosts(query: { managementAddress: boolean }, options: { signal: AbortSignal }): Promise<HostListing>;
  /** A ticket that opens one session for a worker. */
  acquireCloneTicket(options: { signal: AbortSignal }): Promise<string>;
  /** Never rejects; takes `ms` at most, whatever became of the work's signal. */
  close(limit: { ms: number }): Promise<void>;
}

export interface VcenterLoginDeps extends GuardedLoginDeps {
  readonly credentials: CredentialReader;
  login(
    target: TargetConfig,
    credential: Credential,
    options: { signal: AbortSignal },
  ): Promise<SweepSession>;
}

/** Logs in to a target by password, if the account's history there allows it. Every error says what to do. */
export async function logInToTarget(
  target: TargetConfig,
  deps: VcenterLoginDeps,
  options: { signal: AbortSignal },
): Promise<SweepSession> {
  const credential = await deps.credentials.read(target.credentials, options);
  const address = new URL(target.url).hostname.replace(/^\[|\]$/g, '');
  return guardedLogin(
    { user: credential.username, address, version: credential.version },
    {
      login: () => deps.login(target, credential, options),
      isRefusal: (error) => error instanceof VsphereLoginError && error.credentialSent,
    },
    deps,
    options,
  );
}
