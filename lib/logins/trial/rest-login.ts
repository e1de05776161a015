import type { Config, TargetConfig } from '../../config/schema.ts';
import { type Deadline, withTimeLimit } from '../../platform/deadline.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { VsphereLoginError } from '../../vsphere/errors.ts';
import { type GuardedLoginDeps, guardedLogin, type LoginRules } from './guarded-login.ts';
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
 * Of a login with all that it waits for: shorter than other processes wait for its attempt to end (`attempt.ts`), unless
 * this process was stalled. Then they count the attempt as a refusal.
 */
const LOGIN_MS = 8_000;
/**
 * Has to be left for the answer when the password is sent, which the connection has been made for by then: a login that
 * is cut off counts as a refusal.
 */
const ANSWER_MS = 5_000;

/**
 * Logs in to a target's REST API with the account and the very version that SOAP accepted in this run, if its history
 * allows it: as an attempt on the same account, and on a record of its own, by the rules of a vCenter (ADR 0045). Never
 * with the one account of a domain, whose refusals hold back all hosts. `login` gets what it has to await before the
 * password is sent, and when it is connected. Throws VsphereLoginError, LoginForbiddenError, DeadlineError, or what `login` threw.
 */
export async function logInToRest<Session>(
  target: Pick<TargetConfig, 'name' | 'url' | 'credentials'>,
  { username, version }: AcceptedAccount,
  login: (options: { signal: AbortSignal; beforePassword: () => Promise<void> }) => Promise<Session>,
  deps: GuardedLoginDeps & { readonly config: Pick<Config, 'esxi'> },
  reading: Pick<Deadline, 'signal' | 'remainingMs'>,
): Promise<Session> {
  const { isPrincipal, ...account } = accountOfTarget(target, username, deps.config);
  if (isPrincipal) throw notSent(target, ofDomain(username));
  const { clock } = deps;
  const { signal } = reading;
  const inTime = (permitRest: Permit, permit: Permit) =>
    withTimeLimit(
      { clock, ms: LOGIN_MS, what: `the login to the REST API of ${target.name}`, signal },
      (limited, limit) => {
        const ask = async () => {
          await permitRest('vcenter');
          await permit('besides');
        };
        const beforePassword = async () => {
          await untilAborted(ask(), limited);
          if (limit.remainingMs() < ANSWER_MS) throw notSent(target, OTHERS);
          if (reading.remainingMs() < ANSWER_MS) throw notSent(target, TOO_LATE);
        };
        return login({ signal: limited, beforePassword });
      },
    );
  return await guardedLogin(
    { user: username, address: restAddressOf(target), version },
    {
      ...SORTED,
      login: (permitRest) =>
        guardedLogin(
          { ...account, version },
          { ...SORTED, login: (permit) => inTime(permitRest, permit) },
          deps,
          { signal },
        ),
    },
    deps,
    { signal },
  );
}

type Permit = (rules: LoginRules) => Promise<void>;

const isUndecided = (error: unknown): boolean =>
  error instanceof VsphereLoginError && error.code === 'login-undecided';
const SORTED = {
  isRefusal: (error: unknown) =>
    error instanceof VsphereLoginError && error.credentialSent && !isUndecided(error),
  isAnswer: (error: unknown) => error instanceof VsphereLoginError && error.code === 'login-refused',
  isUndecided,
};

const notSent = ({ name }: Pick<TargetConfig, 'name'>, why: string) =>
  new VsphereLoginError(`no login to the REST API of ${name} (no password was sent): ${why}`, {
    code: 'login-not-sent',
  });
const ofDomain = (username: string) =>
  `a refusal of ${username} there would hold back all hosts (esxi.credentials.scope: domain). Give the target ` +
  "credentials of its own, of an account of the vCenter's single sign-on such as vsweep@vsphere.local, or leave out " +
  'the collector tags';
const OTHERS =
  'the connection, other logins with this account, or the state table took too long. The next run tries again';
const TOO_LATE = `less than ${ANSWER_MS / 1_000} s of the run are left. Give the sweep a longer interval ("every")`;
