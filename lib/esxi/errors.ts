import { VsweepError } from '../platform/errors.ts';

/**
 * Where an ssh run ended.
 *
 * - `dns`: the name was not resolved
 * - `connection-refused`: refused, reset or unreachable
 * - `timeout`: TCP did not connect in time, the login did not end in time after a banner, or the caller gave up
 * - `banner`: no ssh conversation came about: no banner in the login time, no ssh server, cut before a login
 * - `auth`: the host refused, offered no method that fits, asked for more than one password, or cut the connection
 *   after the credential was sent
 * - `hostkey`: the host's key differs from the pinned one; nothing was sent
 * - `state`: the key could not be looked up or pinned; nothing was sent
 * - `exec-timeout`: the command did not end in time
 * - `output`: the connection was lost during the command, or its output is too long or not understood
 */
export type SshFailure =
  | 'dns'
  | 'connection-refused'
  | 'timeout'
  | 'banner'
  | 'auth'
  | 'hostkey'
  | 'exec-timeout'
  | 'output'
  | 'state';

/**
 * How far an ssh run came: `connect` while TCP was not connected, so that the host was told nothing; `banner` until the
 * host said that it speaks ssh; `login` until it accepted the credential; `command` after that.
 */
export type SshStage = 'connect' | 'banner' | 'login' | 'command';

/** Where each failure happens; `timeout` says it itself, as any but the command may run out of time. */
const STAGES: { readonly [Failure in SshFailure]: SshStage } = {
  dns: 'connect',
  'connection-refused': 'connect',
  banner: 'banner',
  timeout: 'login',
  auth: 'login',
  hostkey: 'login',
  state: 'login',
  'exec-timeout': 'command',
  output: 'command',
};

const RETRYABLE: readonly SshFailure[] = ['dns', 'connection-refused', 'timeout', 'banner', 'state'];

/** What is known of the login when an ssh run ended; what is left out is not so. */
export interface LoginFacts {
  /** A password or a signature went out and no success came: to be counted as a refusal. */
  readonly credentialSent?: boolean;
  /** After the credential was sent the host said itself that this was no login: USERAUTH_FAILURE, DISCONNECT. */
  readonly hostAnswered?: boolean;
  /** It happened after the login, so that a repetition would be another login. */
  readonly loggedIn?: boolean;
  /** How long this process was stalled since the login began. */
  readonly stalledMs?: number;
}

export class SshError extends VsweepError<SshFailure> {
  readonly login: Required<LoginFacts>;
  readonly stage: SshStage;
  /** What the command had printed on stdout by then, as latin1. */
  readonly output: string;

  constructor(
    message: string,
    options: { code: SshFailure; stage?: SshStage; output?: string; cause?: unknown } & LoginFacts,
  ) {
    const {
      code,
      stage = STAGES[code],
      output = '',
      cause,
      credentialSent = false,
      hostAnswered = false,
      loggedIn = false,
      stalledMs = 0,
    } = options;
    super(message, {
      code,
      cause,
      retryable: !credentialSent && !loggedIn && RETRYABLE.includes(code),
    });
    this.stage = stage;
    this.output = output;
    this.login = { credentialSent, hostAnswered, loggedIn, stalledMs };
  }

  get credentialSent(): boolean {
    return this.login.credentialSent;
  }
}

/** What a peer said, made fit for a message: one line of printable ASCII, at most 200 characters. */
export function printable(text: string): string {
  return text
    .slice(0, 200)
    .replace(/[^ -~]+/g, ' ')
    .trim();
}
