import { isDeepStrictEqual } from 'node:util';
import type { Config, TargetConfig } from '../../config/schema.ts';
import type { Credential, CredentialReader } from '../../credentials/credential.ts';
import { CredentialError } from '../../credentials/errors.ts';
import { VsphereLoginError } from '../../vsphere/errors.ts';
import type { LoginOptions } from '../../vsphere/session/session.ts';
import { isOfDirectory, PRINCIPAL, principalOf } from '../rules/principal.ts';
import { type GuardedLoginDeps, guardedLogin } from './guarded-login.ts';

/** `AboutInfo.apiType` of an ESXi host that is logged in to without a vCenter. */
export const STANDALONE = 'HostAgent';

/** Where the logins to a target count. */
export const addressOfTarget = ({ url }: Pick<TargetConfig, 'url'>): string =>
  new URL(url).hostname.replace(/[[\]]/g, '');

export interface TargetLoginDeps<Session> extends GuardedLoginDeps {
  readonly config: Pick<Config, 'esxi'>;
  readonly credentials: CredentialReader;
  login(target: TargetConfig, credential: Credential, options: LoginOptions): Promise<Session>;
}

const NO_LOGIN =
  'is a target without credentials, which is asked by ssh only; give it "credentials" to log in there';

/**
 * Logs in to a target by password, if the account's history there allows it: the one way for sweeps and polls, so
 * that both count on the same account and address. With `scope: domain` an account of the directory counts where its
 * logins by ssh do, and by the rules of hosts, because the directory may not forget. Every error says what to do.
 */
export async function logInToTarget<Session>(
  target: TargetConfig,
  deps: TargetLoginDeps<Session>,
  options: { signal: AbortSignal },
): Promise<Session> {
  if (target.credentials === undefined)
    throw new CredentialError(target.name, NO_LOGIN, { code: 'not-found' });
  const credential = await deps.credentials.read(target.credentials, options);
  const { isPrincipal: principal, ...account } = accountOfTarget(target, credential.username, deps.config);
  let rules: 'vcenter' | 'host' = 'host';
  return guardedLogin(
    { ...account, version: credential.version },
    {
      login: (permit) =>
        deps
          .login(target, credential, {
            ...options,
            beforePassword: ({ apiType }) => {
              rules = principal || apiType === STANDALONE ? 'host' : 'vcenter';
              return permit(rules);
            },
          })
          .catch((error: unknown) => {
            throw rules === 'host' && isUndecided(error) ? countedAll(error) : error;
          }),
      isRefusal: (error) =>
        error instanceof VsphereLoginError &&
        error.credentialSent &&
        (rules === 'host' || !isUndecided(error)),
      isAnswer: (error) => error instanceof VsphereLoginError && error.code === 'login-refused',
      isUndecided,
    },
    deps,
    options,
  );
}

const isUndecided = (error: unknown): error is VsphereLoginError =>
  error instanceof VsphereLoginError && error.code === 'login-undecided';

/** The PAM of a host, or a directory, may have counted before what asked it failed (ADR 0026). */
function countedAll(error: VsphereLoginError): VsphereLoginError {
  return new VsphereLoginError(
    `${error.message}. It counts as a refusal, because the host or its directory may have counted it`,
    {
      code: error.code,
      cause: error,
    },
  );
}

/** On which account and address a login to a target counts, and whether that is the one account of a domain. */
export function accountOfTarget(
  target: Pick<TargetConfig, 'url' | 'credentials'>,
  username: string,
  config: Pick<Config, 'esxi'>,
): {
  readonly user: string;
  readonly address: string;
  readonly host?: string;
  readonly isPrincipal: boolean;
} {
  const address = addressOfTarget(target);
  return isPrincipalOf(target, username, config)
    ? { user: principalOf(username), address: PRINCIPAL, host: address, isPrincipal: true }
    : { user: username, address, isPrincipal: false };
}

/** The name alone has to say it: a poll has no right to read the credential of the hosts. */
function isPrincipalOf(
  target: Pick<TargetConfig, 'credentials'>,
  username: string,
  { esxi }: Pick<Config, 'esxi'>,
): boolean {
  if (esxi?.credentials.scope !== 'domain') return false;
  const { scope: _scope, ...source } = esxi.credentials;
  return isOfDirectory(username) || isDeepStrictEqual(source, target.credentials);
}
