import type { Client } from 'ssh2';
import type { Credential } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import { type Deadline, withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import { type AuthMethod, readPrivateKey } from './authentication.ts';
import { type ConnectDeps, connectTcp, printTarget, type SshTarget } from './connect-tcp.ts';
import { SshError } from './errors.ts';
import { execute } from './execute.ts';
import { logIn, type VerifyHostKey } from './log-in.ts';
import type { OutputBudget } from './output-budget.ts';

export interface SshTimeouts {
  /** Name resolution and TCP; usually 3000. */
  readonly connectMs: number;
  /** From `beforeLogin` to the end of the login, the banner and `verifyHostKey` included; usually 15000. */
  readonly loginMs: number;
  /** From the login to the end of the channel; usually 15000. */
  readonly commandMs: number;
}

export interface RunCommandRequest {
  readonly target: SshTarget;
  readonly credential: Credential;
  readonly command: string;
  readonly timeouts: SshTimeouts;
  readonly maxOutputBytes: number;
  /** The types of the keys that are known of the target: the host is asked to show one of them. */
  readonly knownKeyTypes?: readonly string[];
}

export interface RunCommandDeps extends ConnectDeps {
  /** A stall of this process moves the end of each part, as far as the caller has time. */
  readonly clock: Clock;
  readonly verifyHostKey: VerifyHostKey;
  /** What all sessions of the process may hold of output; without it, each as much as its request says. */
  readonly budget?: OutputBudget;
  /** What the caller has left; without end by default. */
  remainingMs?(): number;
  /** Connected, and nothing was said yet: the login and its time begin when this resolves. Its error comes as it is. */
  beforeLogin?(options: { signal: AbortSignal }): Promise<void>;
  /** The host has accepted the credential; the command has not run yet. Must not throw. */
  onAuthenticated?(method: AuthMethod): void;
}

export interface CommandResult {
  /** Bytes as latin1: a character each. */
  readonly stdout: string;
  readonly exitCode: number | null;
  readonly authMethod: AuthMethod;
  readonly timings: { readonly connectMs: number; readonly loginMs: number; readonly commandMs: number };
}

/**
 * One TCP connection, one login attempt by one method, one command; nothing is ever repeated. The connection is
 * gone when the promise settles.
 *
 * Rejects with SshError, whose `credentialSent` says whether a refusal has to be counted, and whose `stage` how far it
 * came, and whose `output` what the command had printed. That holds for an abort by the caller as well: it ends the connection at once and comes as SshError `timeout`
 * with the signal's reason as cause. Only a shortage of this machine (no descriptor, no port) comes as the system's own error.
 */
export async function runCommand(
  request: RunCommandRequest,
  deps: RunCommandDeps,
  { signal }: { signal: AbortSignal },
): Promise<CommandResult> {
  try {
    return await connectLogInAndRun(request, deps, signal);
  } catch (error) {
    throw error instanceof SshError && signal.aborted && error.cause === signal.reason
      ? givenUp(request, error, signal.reason)
      : error;
  }
}

async function connectLogInAndRun(
  request: RunCommandRequest,
  deps: RunCommandDeps,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { clock, verifyHostKey, resolveName, beforeLogin, onAuthenticated, budget } = deps;
  const { target, credential, command, timeouts, maxOutputBytes, knownKeyTypes } = request;
  const where = printTarget(target);
  readPrivateKey(credential); // one that cannot be used is not worth a connection
  const limit = (what: string, ms: number) => ({ clock, ms, what: `${what} ${where}`, signal }) as const;
  const startedAt = clock.monotonic();
  const socket = await withTimeLimit(limit('connecting to', timeouts.connectMs), (limited) =>
    connectTcp(target, { resolveName }, { signal: limited }),
  );
  try {
    const connectedAt = clock.monotonic();
    await beforeLogin?.({ signal });
    if (socket.destroyed) throw hungUp(request);
    const beganAt = clock.monotonic();
    const login = {
      ...{ clock, socket, target, credential, verifyHostKey },
      answerMs: timeouts.loginMs * ANSWER_SHARE,
      ...(knownKeyTypes && { knownKeyTypes }),
    };
    const { client, method } = await withTimeLimit(
      limit('logging in to', timeouts.loginMs),
      (limited, deadline) => logIn(login, { signal: limited, remainingMs: () => leftOf(deadline, deps) }),
    );
    onAuthenticated?.(method);
    const loggedInAt = clock.monotonic();
    const executed = await withTimeLimit(limit('the command on', timeouts.commandMs), (limited) =>
      execute({ client, socket }, { command, maxOutputBytes, where, budget }, { signal: limited }),
    );
    sayGoodbye(client);
    const timings = {
      connectMs: connectedAt - startedAt,
      loginMs: loggedInAt - beganAt,
      commandMs: clock.monotonic() - loggedInAt,
    };
    return { ...executed, authMethod: method, timings };
  } finally {
    socket.destroy();
  }
}

/** The share of the login's time that has to be left when the secret is sent: an sshd may take seconds to judge it. */
const ANSWER_SHARE = 1 / 5;

const leftOf = (deadline: Deadline, { remainingMs }: RunCommandDeps): number =>
  Math.min(deadline.remainingMs(), remainingMs?.() ?? Number.POSITIVE_INFINITY);

/** ssh2 throws when the host's last packets broke the conversation: the command's result is in by then. */
function sayGoodbye(client: Client): void {
  try {
    client.end();
  } catch {
    // The connection is destroyed next.
  }
}

function hungUp({ target, credential }: RunCommandRequest): SshError {
  const where = `${credential.username}@${printTarget(target)}`;
  const what = 'the host closed the connection before the login; check whether its ssh service is overloaded';
  return new SshError(`${where}: ${what}`, { code: 'banner' });
}

function givenUp({ target }: RunCommandRequest, error: SshError, reason: unknown): SshError {
  return new SshError(`${printTarget(target)}: stopped before it ended (${messageOf(reason)})`, {
    ...error.login,
    code: 'timeout',
    stage: error.stage,
    output: error.output,
    cause: reason,
  });
}
