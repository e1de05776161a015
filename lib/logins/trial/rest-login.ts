import type { Config, TargetConfig } from '../../config/schema.ts';
import { VsphereLoginError } from '../../vsphere/errors.ts';
import { type GuardedLoginDeps, guardedLogin } from './guarded-login.ts';
import { accountOfTarget, addressOfTarget } from './target-login.ts';

/** The account that SOAP accepted in this run, without its secret. */
export interface AcceptedAccount {
  readonly username: string;
  readonly version: string;
}

/**
 * Where the refusals of the REST API stand besides. On the account's own record the next login by SOAP clears them, and
 * each run would add another one: vCenter's single sign-on counts both together.
 */
export const restAddressOf = (target: Pick<TargetConfig, 'url'>): string =>
  `${addressOfTarget(target)}${REST}`;
const REST = '/rest';

/** Whether an account's address is that of a REST API. */
export const isRestAddress = (address: string): boolean => address.endsWith(REST);

/**
 * Logs in to a target's REST API with the account and the very version that SOAP accepted in this run, if its history
 * allows it: as an attempt on the same account, and on a record of its own, by the rules of a vCenter (ADR 0045).
 * `login` gets what it has to await before the password is sent.
 */
export async function logInToRest<Session>(
  target: Pick<TargetConfig, 'url' | 'credentials'>,
  { username, version }: AcceptedAccount,
  login: (options: { signal: AbortSignal; beforePassword: () => Promise<void> }) => Promise<Session>,
  deps: GuardedLoginDeps & { readonly config: Pick<Config, 'esxi'> },
  options: { signal: AbortSignal },
): Promise<Session> {
  const { isPrincipal, ...account } = accountOfTarget(target, username, deps.config);
  const sorted = {
    isRefusal: (error: unknown) =>
      error instanceof VsphereLoginError && error.credentialSent && (isPrincipal || !isUndecided(error)),
    isAnswer: (error: unknown) => error instanceof VsphereLoginError && error.code === 'login-refused',
    isUndecided,
  };
  return await guardedLogin(
    { user: username, address: restAddressOf(target), version },
    {
      ...sorted,
      login: (permitRest) =>
        guardedLogin(
          { ...account, version },
          {
            ...sorted,
            login: (permit) =>
              login({
                ...options,
                async beforePassword() {
                  await permitRest('vcenter');
                  await permit(isPrincipal ? 'host' : 'vcenter');
                },
              }),
          },
          deps,
          options,
        ),
    },
    deps,
    options,
  );
}

const isUndecided = (error: unknown): boolean =>
  error instanceof VsphereLoginError && error.code === 'login-undecided';
