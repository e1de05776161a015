import type { Client } from 'ssh2';
import type { Credential } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import { type AuthMethod, readPrivateKey } from './authentication.ts';
import { type ConnectDeps, connectTcp, printTarget, type SshTarget } from './connect-tcp.ts';
import { SshError } from './errors.ts';
import { execute } from './execute.ts';
import { logIn, type VerifyHostKey } from './log-in.ts';

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
  readonly clock: Clock;
  readonly verifyHostKey: VerifyHostKey;
  /** Connected, and nothing was said yet: the login and its time begin when this resolves. Its error comes as it is. */
  beforeLogin?(options: { signal: AbortSignal }): Promise<void>;
  /** The host has accepted the credential; the command has not run yet. Must not throw. */
  onAuthenticated?(method: AuthMethod): void;
}

export interface CommandResult {
  readonly stdout: string;
  readonly exitCode: number | null;
  readonly authMethod: AuthMethod;
  readonly timings: { readonly connectMs: number; readonly loginMs: number; readonly commandMs: number };
}

/**
 * One TCP connection, one login attempt by one method, one command; nothing is ever repeated. The connection is
 * gone when the promise settles.
 *
 * Rejects with SshError, whose `credentialSent` says whether a refusal has to be counted. That holds for an abort by
 * the caller as well: it ends the connection at once and comes as SshError `timeout` with the signal's reason as
 * cause. Only a shortage of this machine (no descriptor, no port) comes as the system's own error.
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
  { clock, verifyHostKey, resolveName, beforeLogin, onAuthenticated }: RunCommandDeps,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { target, credential, command, timeouts, maxOutputBytes, knownKeyTypes } = request;
  const where = printTarget(target);
  readPrivateKey(credential); // one that cannot be used is not worth a connection
  const startedAt = clock.now();
  const socket = await withTimeLimit(
    { clock, ms: timeouts.connectMs, what: `connecting to ${where}`, signal },
    (limited) => connectTcp(target, { resolveName }, { signal: limited }),
  );
  try {
    const connectedAt = clock.now();
    await beforeLogin?.({ signal });
    if (socket.destroyed) throw hungUp(request);
    const beganAt = clock.now();
    const login = { socket, target, credential, verifyHostKey, ...(knownKeyTypes && { knownKeyTypes }) };
    const { client, method } = await withTimeLimit(
      { clock, ms: timeouts.loginMs, what: `logging in to ${where}`, signal },
      (limited) => logIn(login, { signal: limited }),
    );
    onAuthenticated?.(method);
    const loggedInAt = clock.now();
    const executed = await withTimeLimit(
      { clock, ms: timeouts.commandMs, what: `the command on ${where}`, signal },
      (limited) => execute({ client, socket }, { command, maxOutputBytes, where }, { signal: limited }),
    );
    sayGoodbye(client);
    const timings = {
      connectMs: connectedAt - startedAt,
      loginMs: loggedInAt - beganAt,
      commandMs: clock.now() - loggedInAt,
    };
    return { ...executed, authMethod: method, timings };
  } finally {
    socket.destroy();
  }
}

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
  const what = 'the host closed the connection before the login; is its ssh service overloaded?';
  return new SshError(`${where}: ${what}`, { code: 'banner' });
}

function givenUp({ target }: RunCommandRequest, error: SshError, reason: unknown): SshError {
  const loggedIn = error.code === 'exec-timeout';
  return new SshError(`${printTarget(target)}: given up before it ended (${messageOf(reason)})`, {
    code: 'timeout',
    credentialSent: error.credentialSent,
    loggedIn,
    cause: reason,
  });
}
