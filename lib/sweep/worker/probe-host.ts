import type { EsxiConfig } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { SshError } from '../../esxi/errors.ts';
import type { VerifyHostKey } from '../../esxi/log-in.ts';
import type {
  CommandResult,
  RunCommandDeps,
  RunCommandRequest,
  SshTimeouts,
} from '../../esxi/run-command.ts';
import type { PreparedProbes, SessionReading } from '../../esxi/session/prepare-probes.ts';
import type { LoginEnd } from '../../logins/asked-batch.ts';
import type { LeftAlone } from '../../logins/rules/left-alone.ts';
import type { DomainTurn, DomainTurns } from '../../logins/trial/domain-turns.ts';
import {
  type HostAccount,
  type HostAccountDeps,
  type HostLoginEnd,
  openAccount,
} from '../../logins/trial/host-account.ts';
import { keepRecord, type LoginGate } from '../../logins/trial/keep-record.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import { STALL_MS } from '../../platform/heartbeat.ts';
import { isStopped } from '../../platform/stop.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { type BatchHost, outcomeOfNotAsked, type LeftAlone as PlannedSkip } from '../batch.ts';
import { failed, type Outcome, ok, skipped } from '../outcome.ts';
import { type HostKeyCheck, type HostKeyCheckDeps, openHostKeyCheck } from './host-key-check.ts';

export interface ProbeDeps extends HostAccountDeps, Omit<HostKeyCheckDeps, 'records'> {
  runCommand(
    request: RunCommandRequest,
    deps: Pick<RunCommandDeps, 'verifyHostKey' | 'beforeLogin' | 'onAuthenticated' | 'remainingMs'>,
    options: { signal: AbortSignal },
  ): Promise<CommandResult>;
}

/** What became of one host by ssh; `session` only when it answered at least one probe, and so is ok. */
export interface Probed {
  readonly outcome: Outcome;
  readonly session?: SessionReading;
  /** For the operator, when the outcome is not ok or a probe failed. */
  readonly detail?: string;
  /** How the login ended, when the host answered it. */
  readonly login?: LoginEnd;
  /** Its key was seen first, and is pinned now or may be. */
  readonly pinned?: boolean;
  /** TCP never connected, so the host was told nothing. */
  readonly unconnected?: true;
}

/**
 * Asks one host all probes of the sweep: one connection, one login attempt, one command. Never rejects. A refusal is
 * written before the outcome is known to anybody else, also when the worker's time is over. A host is ok when it answered
 * at least one probe; why the others failed is apart from that. One that answered none has the failure of its session.
 */
export async function probeHost(
  host: BatchHost,
  run: {
    runId: string;
    target: string;
    batch: number;
    credential: Credential;
    scope: 'host' | 'domain';
    esxi: Pick<EsxiConfig, 'hostKeys'>;
    probes: PreparedProbes;
    timeouts: SshTimeouts;
    gate: LoginGate;
    /** With the one account of a domain; `take` rejects with DeadlineError when the turn came too late. */
    domain?: DomainTurns;
    /** The host is connected. Answers what gives the turn back; rejects with DeadlineError when it came too late. */
    takeTurn(options: { signal: AbortSignal }): Promise<() => void>;
  },
  deps: ProbeDeps,
  { signal, remainingMs }: Pick<Deadline, 'signal' | 'remainingMs'>,
): Promise<Probed> {
  const { credential, esxi, probes, timeouts, gate } = run;
  if (!gate.open) return { outcome: skipped('state'), detail: GATE_SHUT };
  const hostKey = openHostKeyCheck(host, { target: run.target, rules: esxi.hostKeys }, deps);
  if (typeof hostKey === 'string') return { outcome: skipped('hostkey-unknown'), detail: hostKey };
  const account = openAccount(host, run, deps);
  const nonce = deps.randomId();
  let giveBack = () => {};
  let turn: DomainTurn | undefined;
  let leftAlone: LeftAlone | undefined;
  /** The connection has ended, so the host waits for no place any more. */
  const gone = new AbortController();
  let checking: Promise<unknown> = Promise.resolve();
  const check: VerifyHostKey = async (key, options) => {
    const verdict = await hostKey.verify(key, options);
    if (verdict !== true) return verdict;
    await turn?.beforePassword({ signal: AbortSignal.any([options.signal, gone.signal]) });
    // The host may have waited for its place once more.
    leftAlone = run.domain?.stop();
    if (leftAlone !== undefined) return false;
    const begun = await account.begin(options);
    if (typeof begun === 'object') leftAlone = begun;
    return begun === 'begun';
  };
  /** The host may end the login while its key is being pinned: whether it was is known only then. */
  const untilChecked = () => {
    const what = `looking up the key of ${host.name}`;
    const failure = 'the check of a host key did not end; no further login is tried';
    return keepRecord({ what, failure, of: { host: host.name }, gate }, deps, (options) =>
      untilAborted(checking, options.signal),
    );
  };
  try {
    const told = await runSession(
      deps,
      {
        target: { host: host.address, port: host.port },
        credential,
        command: probes.script(nonce),
        timeouts,
        maxOutputBytes: probes.maxOutputBytes,
        knownKeyTypes: hostKey.knownKeyTypes,
      },
      {
        beforeLogin: async (options) => {
          turn = await run.domain?.take(options);
          // The one before may have found out meanwhile that nobody else is asked.
          leftAlone = run.domain?.stop();
          if (leftAlone !== undefined) throw new SshError('not asked', { code: 'state' });
          giveBack = await run.takeTurn(options);
          // Others of the batch may have shut it while this host waited.
          if (!gate.open) throw new SshError(GATE_SHUT, { code: 'state' });
        },
        verifyHostKey: (key, options) => {
          giveBack();
          const answer = check(key, options);
          checking = answer.catch(() => undefined);
          return answer;
        },
        // Written while the command runs: the process may end meanwhile, and an open attempt counts as a refusal.
        onAuthenticated: () => {
          run.domain?.tell('accepted');
          void account.accepted().finally(() => turn?.end());
        },
        remainingMs,
      },
      { signal },
    );
    const session = probes.read(told.stdout, nonce, told.ended);
    if (session.readings.size === 0) throw told.ended ?? asOne(session);
    return {
      outcome: ok,
      session,
      ...detailOf(session),
      ...loginOf(await account.accepted()),
      ...firstPin(hostKey),
    };
  } catch (error) {
    gone.abort(error);
    if (leftAlone !== undefined) {
      run.domain?.tell(leftAlone);
      return { ...notAsked(leftAlone), ...firstPin(hostKey) };
    }
    const end = endOf(error, signal);
    // Before it is recorded, which may take seconds; of an accepted one it was told then, too.
    if (end === 'refused') run.domain?.tell(end);
    const login = await account[end]();
    await untilChecked();
    if (error instanceof DeadlineError)
      return { outcome: failed('deadline'), detail: TOO_LATE, ...firstPin(hostKey) };
    if (error instanceof SshError && error.code === 'state') {
      gate.open = false;
      const how = { host: host.name, error: messageOf(error) };
      deps.log.error('a login could not be prepared; no further login is tried', how);
    }
    return {
      outcome: outcomeOf(error, signal),
      detail: login === 'left-open' ? `${messageOf(error)}; ${LEFT_OPEN}` : messageOf(error),
      ...loginOf(login),
      ...firstPin(hostKey),
      ...(error instanceof SshError && error.stage === 'connect' ? { unconnected: true } : {}),
    };
  } finally {
    giveBack();
    turn?.end();
  }
}

/** What a session printed; `ended`: why it ended before its command did. */
interface Told {
  readonly stdout: string;
  readonly ended?: SshError;
}

/** Rejects with what happens before there is a session. */
async function runSession(
  { runCommand }: ProbeDeps,
  ...how: Parameters<ProbeDeps['runCommand']>
): Promise<Told> {
  try {
    return await runCommand(...how);
  } catch (error) {
    if (error instanceof SshError && error.login.loggedIn) return { stdout: error.output, ended: error };
    throw error;
  }
}

/** Why no probe was answered, as one failure. */
function asOne({ failed }: SessionReading): SshError {
  const [first] = failed;
  const code = first?.error.code ?? 'output';
  return new SshError(printFailed(failed), { code, loggedIn: true, cause: first?.error });
}

const detailOf = ({ failed }: SessionReading) => (failed.length === 0 ? {} : { detail: printFailed(failed) });

const printFailed = (failed: SessionReading['failed']): string =>
  failed.map(({ error }) => messageOf(error)).join('; ');

/** A host that is left alone, and why. */
export const notAsked = ({ skip, why }: PlannedSkip): Probed => ({
  outcome: outcomeOfNotAsked(skip),
  ...(why === undefined ? {} : { detail: why }),
});

const loginOf = (end: HostLoginEnd) => (end === undefined || end === 'left-open' ? {} : { login: end });

const firstPin = (hostKey: HostKeyCheck) => (hostKey.isPinned() ? { pinned: true } : {});

export const TOO_LATE = 'no login was tried, because too little time was left in the run';

export const GATE_SHUT =
  'no login was tried, because the state table could not be written; see the warnings of the run';
const LEFT_OPEN = 'its result could not be recorded, so it counts as a refusal until the next accepted login';

/** What the end of an unsuccessful run says of the login. */
function endOf(error: unknown, signal: AbortSignal): Exclude<keyof HostAccount, 'begin'> {
  if (!(error instanceof SshError)) return 'notTried';
  const { credentialSent, hostAnswered, loggedIn, stalledMs } = error.login;
  // The login succeeded and what came after it did not.
  if (loggedIn) return 'accepted';
  if (!credentialSent) return 'notTried';
  const isGivenUp = isStopped(signal) && error.cause === signal.reason;
  const isOwnFault = !hostAnswered && (stalledMs > STALL_MS || isGivenUp);
  return isOwnFault ? 'mayBeRefused' : 'refused';
}

function outcomeOf(error: unknown, signal: AbortSignal): Outcome {
  if (!(error instanceof SshError)) return failed('worker');
  if (error.code === 'state') return skipped('state');
  return failed(signal.aborted && error.code === 'timeout' ? 'deadline' : error.code);
}
