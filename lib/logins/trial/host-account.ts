import type { Credential } from '../../credentials/credential.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { LoginEnd, LoginHost } from '../asked-batch.ts';
import { isAsSettled } from '../rules/domain-account.ts';
import { type LeftAlone, UNSETTLED } from '../rules/left-alone.ts';
import { PRINCIPAL, sshAccount } from '../rules/principal.ts';
import { beginAfterOthers, createAttempt } from './attempt.ts';
import { flightId } from './flights.ts';
import { keepRecord, type LoginGate } from './keep-record.ts';

/** What a login leaves in the state table. A rejection means that nothing more may be tried by this worker. */
export type LoginRecords = Pick<
  AccountStore,
  'beginAttempt' | 'closeAttempt' | 'readUnsettled' | 'recordRefusal' | 'recordSuccess'
> &
  Pick<HostKeyStore, 'pin'>;

export interface HostAccountDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: LoginRecords;
  readonly randomId: () => string;
}

/** `left-open`: the credential was not sent, and the attempt could not be closed, so it counts as a refusal. */
export type HostLoginEnd = LoginEnd | 'left-open' | undefined;

/**
 * One login's way through the state table. Only `begin` rejects; the others shut the gate instead. The first end counts,
 * and is the answer to all others.
 */
export interface HostAccount {
  /** Before the credential is sent: it may be when the answer is `begun`. Proven accounts need no record. */
  begin(options: { signal: AbortSignal }): Promise<'begun' | 'over' | LeftAlone>;
  accepted(): Promise<HostLoginEnd>;
  refused(): Promise<HostLoginEnd>;
  /** Nobody knows how it ended, because this process was stalled or told to stop: a possible refusal, which costs no waiting time. */
  mayBeRefused(): Promise<HostLoginEnd>;
  /** The credential was not sent. */
  notTried(): Promise<HostLoginEnd>;
}

const TAKEN: LeftAlone = {
  skip: 'other-process',
  why: 'no login was tried, because another process is logging in with this account there; the next run tries again',
};

export function openAccount(
  host: LoginHost,
  run: {
    runId: string;
    target: string;
    batch: number;
    credential: Credential;
    scope: 'host' | 'domain';
    gate: LoginGate;
  },
  deps: HostAccountDeps,
): HostAccount {
  const { records } = deps;
  const { runId, credential, scope, gate } = run;
  const isOfDomain = scope === 'domain';
  const { username, version } = credential;
  const { user, address } = sshAccount({ username, scope }, host.address);
  const common = isOfDomain && !host.proven ? { version, host: host.address } : { version };
  const attempt = createAttempt<HostLoginEnd>({ user, address, ...common }, deps);
  /** The flight stands for its login, should the result of the batch be lost: together they count once. */
  const ofFlight = !isOfDomain && host.proven ? { ofFlight: flightId(run) } : {};
  /**
   * The one account of a domain was accepted in this run before its hosts were asked at once, so what they refuse is
   * their own matter, and what it may have cost the account counts once a run, as a lost batch does. An attempt on
   * record counts itself.
   */
  const ofRun = isOfDomain && host.proven ? { flight: runId } : {};

  const write = (work: (options: { signal: AbortSignal }) => Promise<unknown>): Promise<boolean> => {
    const what = `recording the login on ${host.name}`;
    const failure = 'a login could not be recorded; no further login is tried';
    return keepRecord({ what, failure, of: { host: host.name }, gate }, deps, work);
  };
  /** With the one account of a domain, by what stands of it when the host's turn has come. */
  const beginInTurn = (options: { signal: AbortSignal }) =>
    beginAfterOthers<LeftAlone>(
      attempt,
      {
        read: async () =>
          (await records.readUnsettled(user, { ...options, range: [PRINCIPAL, PRINCIPAL] })).get(PRINCIPAL),
        whyNot: (history, isUnderWay) => {
          if (isUnderWay) return TAKEN;
          return isAsSettled(history, host.account) ? undefined : UNSETTLED;
        },
      },
      deps.clock,
      options,
    );

  return {
    async begin(options) {
      if (host.proven) return attempt.isOver() ? 'over' : 'begun';
      const begun = isOfDomain ? await beginInTurn(options) : await attempt.begin(host.account, options);
      return begun === 'taken' ? TAKEN : begun;
    },
    accepted: () =>
      attempt.end(async ({ begun }) => {
        const success = { ...common, seen: host.account, ...begun };
        if (!host.proven) await write((options) => records.recordSuccess(user, address, success, options));
        // Last: without it the host is doubtful in the next run, and asked once more in turn.
        if (host.doubtful)
          await write((options) => records.recordSuccess(user, host.address, { version }, options));
        return 'accepted';
      }),
    refused: () =>
      attempt.end(async () => {
        // The host's own first. Should this process end between the two, its attempt or its flight still stands for the
        // account, and the next run does not begin with a host that refused.
        if (isOfDomain)
          await write((options) => records.recordRefusal(user, host.address, { version }, options));
        // The pause is that of the host: the account is tried on another one at once.
        const login = { ...common, ...(isOfDomain ? { presumed: true } : {}), ...ofRun, ...ofFlight };
        const written = await write((options) => records.recordRefusal(user, address, login, options));
        return written ? 'refused' : 'unrecorded';
      }),
    mayBeRefused: () =>
      attempt.end(async () => {
        const login = { ...common, presumed: true, ...ofRun, ...ofFlight };
        const written = await write((options) => records.recordRefusal(user, address, login, options));
        return written ? 'presumed' : 'presumed-unrecorded';
      }),
    notTried: () => attempt.end(async ({ close }) => ((await write(close)) ? undefined : 'left-open')),
  };
}
