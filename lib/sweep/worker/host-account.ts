import type { Credential } from '../../credentials/credential.ts';
import { sshAccount } from '../../lockout/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Heartbeat } from '../../platform/heartbeat.ts';
import type { Log } from '../../platform/log.ts';
import type { AccountStore } from '../../state/accounts.ts';
import type { HostKeyStore } from '../../state/host-keys.ts';
import type { BatchHost, LoginEnd } from '../batch.ts';

/** What a login leaves in the state table. A rejection means that nothing more may be tried by this worker. */
export type LoginRecords = Pick<
  AccountStore,
  'beginAttempt' | 'closeAttempt' | 'recordRefusal' | 'recordSuccess'
> &
  Pick<HostKeyStore, 'pin'>;

export interface HostAccountDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly records: LoginRecords;
  readonly heartbeat: Heartbeat;
  readonly randomId: () => string;
}

/** The state table could not be written: the worker starts no further login. */
export interface LoginGate {
  open: boolean;
}

/** One login's way through the state table. Only `begin` rejects; the others shut the gate instead. */
export interface HostAccount {
  /** Before the credential is sent; false when somebody else is at the account. Proven accounts need no record. */
  begin(options: { signal: AbortSignal }): Promise<boolean>;
  /** `begin` answered false. */
  isTaken(): boolean;
  accepted(): Promise<LoginEnd>;
  refused(): Promise<LoginEnd>;
  /** Nobody knows how it ended, because this process was stalled: a possible refusal, which costs no waiting time. */
  mayBeRefused(): Promise<LoginEnd>;
  /** The attempt could not be closed, and counts as a refusal although nothing was sent. */
  isLeftOpen(): boolean;
  /** The credential was not sent. */
  notTried(): Promise<undefined>;
}

/** A whole batch may be refused in one second; the embedded table takes some 700 writes in that time. */
const RECORD_MS = 5_000;

export function openAccount(
  host: BatchHost,
  { credential, scope, gate }: { credential: Credential; scope: 'host' | 'domain'; gate: LoginGate },
  deps: HostAccountDeps,
): HostAccount {
  const { records } = deps;
  const { username, version } = credential;
  const { user, address } = sshAccount({ username, scope }, host.address);
  /** That may stand in the table: its beginning may be written although the answer was lost. */
  let attempt: string | undefined;
  let taken = false;
  let leftOpen = false;

  /** Under its own time limit: the account's history must be right even when the worker's time is over. */
  const write = async (work: (options: { signal: AbortSignal }) => Promise<unknown>): Promise<boolean> => {
    const limit = {
      clock: deps.clock,
      ms: RECORD_MS,
      what: `recording the login on ${host.name}`,
      signal: new AbortController().signal,
      patience: { heartbeat: deps.heartbeat, atMostMs: RECORD_MS },
    };
    try {
      await withTimeLimit(limit, (signal) => work({ signal }));
      return true;
    } catch (error) {
      gate.open = false;
      deps.log.error('a login could not be recorded; no further login is started', {
        host: host.name,
        error: messageOf(error),
      });
      return false;
    }
  };

  return {
    async begin(options) {
      if (host.proven) return true;
      const id = deps.randomId();
      attempt = id;
      const login = { id, version, seen: host.account };
      const begun = await records.beginAttempt(user, address, login, options);
      if (!begun) attempt = undefined;
      taken = !begun;
      return begun;
    },
    isTaken: () => taken,
    isLeftOpen: () => leftOpen,
    async accepted() {
      const success = { version, seen: host.account };
      if (!host.proven) await write((options) => records.recordSuccess(user, address, success, options));
      return 'accepted';
    },
    async refused() {
      const written = await write((options) => records.recordRefusal(user, address, { version }, options));
      return written ? 'refused' : 'unrecorded';
    },
    async mayBeRefused() {
      const login = { version, presumed: true };
      const written = await write((options) => records.recordRefusal(user, address, login, options));
      return written ? 'presumed' : 'presumed-unrecorded';
    },
    async notTried() {
      const id = attempt;
      if (id !== undefined)
        leftOpen = !(await write((options) => records.closeAttempt(user, address, { ...options, id })));
      return undefined;
    },
  };
}
