import type { TargetConfig } from '../config/schema.ts';
import type { Credential, CredentialReader } from '../credentials/credential.ts';
import { CredentialError } from '../credentials/errors.ts';
import { VsphereLoginError } from '../vsphere/errors.ts';
import type { LoginOptions } from '../vsphere/session/session.ts';
import { type GuardedLoginDeps, guardedLogin } from './guarded-login.ts';

/** `AboutInfo.apiType` of an ESXi host that is logged in to without a vCenter. */
const STANDALONE = 'HostAgent';

export interface TargetLoginDeps<Session> extends GuardedLoginDeps {
  readonly credentials: CredentialReader;
  login(target: TargetConfig, credential: Credential, options: LoginOptions): Promise<Session>;
}

const NO_LOGIN =
  'is a target without credentials, which is asked by ssh only; give it "credentials" to log in there';

/**
 * Logs in to a target by password, if the account's history there allows it: the one way for sweeps and polls, so
 * that both count on the same account and address. Every error says what to do.
 */
export async function logInToTarget<Session>(
  target: TargetConfig,
  deps: TargetLoginDeps<Session>,
  options: { signal: AbortSignal },
): Promise<Session> {
  if (target.credentials === undefined)
    throw new CredentialError(target.name, NO_LOGIN, { code: 'not-found' });
  const credential = await deps.credentials.read(target.credentials, options);
  const address = new URL(target.url).hostname.replace(/^\[|\]$/g, '');
  return guardedLogin(
    { user: credential.username, address, version: credential.version },
    {
      login: (permit) =>
        deps.login(target, credential, {
          ...options,
          beforePassword: ({ apiType }) => permit(apiType === STANDALONE ? 'host' : 'vcenter'),
        }),
      isRefusal: (error) => error instanceof VsphereLoginError && error.credentialSent,
    },
    deps,
    options,
  );
}
