import type { Credential } from '../../credentials/credential.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { LoginEnd, LoginHost } from '../asked-batch.ts';
import { sshAccount } from '../rules/principal.ts';
import { takeAccountTurn } from './account-turn.ts';
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

/** One login's way through the state table. Only `begin` rejects; the others shut the gate instead. */
export interface HostAccount {
  /** Before the credential is sent; false when somebody else is at the account, or when the login is over. Proven accounts need no record. */
  begin(options: { signal: AbortSignal }): Promise<boolean>;
  /** Why `begin` answered false; undefined for no reason of the account's. */
  whyNot(): 'taken' | 'unsettled' | undefined;
  accepted(): Promise<LoginEnd>;
  refused(): Promise<LoginEnd>;
  /** Nobody knows how it ended, because this process was stalled or told to stop: a possible refusal, which costs no waiting time. */
  mayBeRefused(): Promise<LoginEnd>;
  /** The attempt could not be closed, and counts as a refusal although nothing was sent. */
  isLeftOpen(): boolean;
  /** The credential was not sent. */
  notTried(): Promise<undefined>;
}

export function openAccount(
  host: LoginHost,
  run: {
    runId: string;
    target: string;
    batch: number;
    credential: Credential;
    scope: 'host' | 'domain';
    gate: LoginGate;
    /** With the one account of a domain: what stands of it is looked up when the host's turn has come. */
    inTurn?: boolean;
  },
  deps: HostAccountDeps,
): HostAccount {
  const { records } = deps;
  const { runId, credential, scope, gate, inTurn = false } = run;
  const isOfDomain = scope === 'domain';
  const { username, version } = credential;
  const { user, address } = sshAccount({ username, scope }, host.address);
  /** That may stand in the table: its beginning may be written although the answer was lost. */
  let attempt: string | undefined;
  /** The flight stands for its login, should the result of the batch be lost: together they count once. */
  const ofFlight = !isOfDomain && host.proven ? { ofFlight: flightId(run) } : {};
  /**
   * The one account of a domain was accepted in this run before its hosts were asked at once, so what they refuse is
   * their own matter, and what it may have cost the account counts once a run, as a lost batch does. An attempt on
   * record counts itself.
   */
  const ofRun = isOfDomain && host.proven ? { flight: runId } : {};
  let seen = host.account;
  let whyNot: ReturnType<HostAccount['whyNot']>;
  let leftOpen = false;

  /** The login has ended. Its host may end it while the key is looked up: then it must not begin any more. */
  let over = false;
  let beginning: Promise<unknown> = Promise.resolve();

  const write = (work: (options: { signal: AbortSignal }) => Promise<unknown>): Promise<boolean> => {
    over = true;
    const what = `recording the login on ${host.name}`;
    const failure = 'a login could not be recorded; no further login is started';
    return keepRecord({ host: host.name, what, failure, gate }, deps, work);
  };
  const takeTurn = async (id: string, options: { signal: AbortSignal }) => {
    const turn = await takeAccountTurn({ user, id, version }, deps, options);
    if (typeof turn === 'string') whyNot = turn;
    else seen = turn.seen;
    return typeof turn !== 'string';
  };

  return {
    async begin(options) {
      if (over) return false;
      if (host.proven) return true;
      const id = deps.randomId();
      attempt = id;
      const writing = inTurn
        ? takeTurn(id, options)
        : records.beginAttempt(user, address, { id, version, seen }, options);
      beginning = untilAborted(writing, options.signal).catch(() => undefined);
      const begun = await writing;
      if (begun) return true;
      attempt = undefined;
      whyNot ??= 'taken';
      return false;
    },
    whyNot: () => whyNot,
    isLeftOpen: () => leftOpen,
    async accepted() {
      over = true;
      const begun = attempt === undefined ? {} : { attempt };
      const success = { version, ...begun, seen };
      if (!host.proven) await write((options) => records.recordSuccess(user, address, success, options));
      if (host.doubtful)
        await write((options) => records.recordSuccess(user, host.address, { version }, options));
      return 'accepted';
    },
    async refused() {
      // The pause is that of the host: the account is tried on another one at once.
      const login = { version, ...(isOfDomain ? { presumed: true } : {}), ...ofRun, ...ofFlight };
      const written = await write((options) => records.recordRefusal(user, address, login, options));
      if (isOfDomain)
        await write((options) => records.recordRefusal(user, host.address, { version }, options));
      return written ? 'refused' : 'unrecorded';
    },
    async mayBeRefused() {
      const login = { version, presumed: true, ...ofRun, ...ofFlight };
      const written = await write((options) => records.recordRefusal(user, address, login, options));
      return written ? 'presumed' : 'presumed-unrecorded';
    },
    async notTried() {
      over = true;
      const id = attempt;
      if (id === undefined) return undefined;
      const closed = await write(async (options) => {
        // It may be on its way, and must not arrive after its end.
        await untilAborted(beginning, options.signal);
        if (attempt === id) await records.closeAttempt(user, address, { ...options, id });
      });
      leftOpen = !closed;
      return undefined;
    },
  };
}
