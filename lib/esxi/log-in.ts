import type { Socket } from 'node:net';
import ssh2, { type AnyAuthMethod, type Client } from 'ssh2';
import type { Credential } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import type { Deadline } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import { remedyForStall } from '../platform/heartbeat.ts';
import { ANSWER_MS, isStopped } from '../platform/stop.ts';
import { offeredAlgorithms } from './algorithms.ts';
import { type AuthAttempt, type AuthMethod, createAuthAttempt } from './authentication.ts';
import { printTarget, type SshTarget } from './connect-tcp.ts';
import { printable, SshError, type SshFailure } from './errors.ts';
import { guardChannels } from './guard-channels.ts';
import { fingerprint, type HostKey, readHostKey } from './host-key.ts';
import { joinWrites } from './join-writes.ts';
import { keepKeysAsObjects } from './keys-as-objects.ts';
import { type BannerWatch, watchBanner } from './ssh-banner.ts';
import { createHostOffer, type Explanation, explainNoBanner } from './why-no-session.ts';

/**
 * Called once a login, after the host has proved that it owns the key and before anything about the account is
 * sent. False: the connection ends, as the key differs from the pinned one; an objection says why, and what to do. A throw
 * means that nobody could tell.
 */
export type VerifyHostKey = (
  key: HostKey,
  options: { signal: AbortSignal },
) => Promise<boolean | KeyObjection>;

/** Why a host key is not believed. */
export interface KeyObjection {
  readonly what: string;
  readonly remedy: string;
}

export interface LoginRequest {
  /** Connected; it is the caller's to destroy. */
  readonly socket: Socket;
  readonly target: SshTarget;
  readonly credential: Credential;
  readonly knownKeyTypes?: readonly string[];
  readonly verifyHostKey: VerifyHostKey;
  /** For how long this process was stalled since the login began; and the wait for an answer. */
  readonly clock: Pick<Clock, 'stalledMs' | 'sleep'>;
  /** With less time left than this no secret is sent: its answer would come too late, and count as a refusal. */
  readonly answerMs: number;
}

export interface LoggedIn {
  readonly client: Client;
  readonly method: AuthMethod;
}

/**
 * One login, in which one secret is sent at most, over a connected socket. Rejects with SshError at the first thing that goes wrong; then
 * the caller destroys the socket, and nothing more is sent. When the signal aborts after the secret was sent, what the
 * host had answered by then is read first: it may still be a success. When it aborts because the caller gives up, and
 * not because the time is over, the host has ANSWER_MS more for its answer: a login without one counts as a refusal.
 */
export async function logIn(
  request: LoginRequest,
  limit: Pick<Deadline, 'signal' | 'remainingMs'>,
): Promise<LoggedIn> {
  const { signal } = limit;
  const login = new Login(request, limit);
  const onAbort = () => login.end();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await login.run();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

const REMEDIES = {
  timeout: 'check whether the host is overloaded',
  banner: "check that this is the address and port of the host's ssh service",
  auth: "check the user name, the password or key, and the account's shell access",
  hostkey: 'no password was sent. If the host was reinstalled, compare and accept its new key',
  state: 'no password was sent. Check the state table',
} as const satisfies Partial<Record<SshFailure, string>>;

/** Each costs this process milliseconds of processor. A host asks for another one after an hour or a gigabyte. */
const MAX_KEY_EXCHANGES = 8;

interface Failure extends Partial<Explanation> {
  readonly code: keyof typeof REMEDIES;
  readonly what: string;
  readonly cause?: unknown;
}

class Login {
  readonly #request: LoginRequest;
  readonly #limit: Pick<Deadline, 'signal' | 'remainingMs'>;
  readonly #stalledBefore: number;
  readonly #client = new ssh2.Client();
  readonly #done = Promise.withResolvers<LoggedIn>();
  readonly #attempt: AuthAttempt;
  readonly #banner: BannerWatch;
  readonly #offer = createHostOffer();
  readonly #algorithms: ReturnType<typeof offeredAlgorithms>;
  /** Aborts when the login is over. */
  readonly #ended = new AbortController();
  #keyExchanges = 0;
  /** The host refused, or ended the conversation, after the credential was sent. */
  #hostAnswered = false;
  #hostKey: HostKey | undefined;
  #stage: 'handshake' | 'host-key' | 'authentication' | 'over' = 'handshake';

  constructor(request: LoginRequest, limit: Pick<Deadline, 'signal' | 'remainingMs'>) {
    this.#request = request;
    this.#limit = limit;
    this.#stalledBefore = request.clock.stalledMs?.() ?? 0;
    this.#attempt = createAuthAttempt(
      request.credential,
      (why) => this.#refused(`the host ${why}`),
      () => this.#isInTime(),
    );
    this.#banner = watchBanner(request.socket, () =>
      this.#lost(new Error('it sent too much data before the login')),
    );
    this.#algorithms = offeredAlgorithms(request.knownKeyTypes);
  }

  async run(): Promise<LoggedIn> {
    const { socket, credential } = this.#request;
    const client = this.#client;
    client.on('error', (error) => this.#lost(error));
    client.on('close', () => this.#lost(new Error('the host closed the connection')));
    client.on('change password', () => this.#refused('the host asks for a new password'));
    client.on('ready', () => this.#accepted());
    client.on('handshake', () => this.#exchanged());
    joinWrites(socket);
    client.connect({
      sock: socket,
      username: credential.username,
      readyTimeout: 0,
      algorithms: this.#algorithms,
      hostVerifier: (key: Buffer) => this.#keepHostKey(key),
      authHandler: (offered, partial, next) => this.#authenticate(offered, partial, next),
      debug: (line) => this.#offer.log(line),
    });
    guardChannels(client);
    return await this.#done.promise;
  }

  /**
   * The time is over, or the caller gave up. A timer is served before the sockets are, so the answer of a host may
   * have come in time and wait: it is read, and only a login without one is out of time.
   */
  end(): void {
    const { signal } = this.#limit;
    if (this.#attempt.credentialSent)
      void this.#lastAnswer(signal).then(() => this.#outOfTime(signal.reason));
    else this.#outOfTime(signal.reason);
  }

  async #lastAnswer(signal: AbortSignal): Promise<void> {
    const ms = isStopped(signal) ? Math.min(ANSWER_MS, this.#limit.remainingMs()) : 0;
    const { clock, socket } = this.#request;
    if (ms > 0) await clock.sleep(ms, { signal: this.#ended.signal }).catch(() => undefined);
    await untilNothingWaits(socket);
  }

  #outOfTime(cause: unknown): void {
    if (!this.#banner.seen) this.#fail({ code: 'banner', what: 'no ssh banner arrived in time', cause });
    else if (this.#stage === 'host-key') {
      const what = 'the time for the login was over when the host key was looked up; no password was sent';
      this.#fail({ code: 'timeout', what, cause });
    } else this.#fail({ code: 'timeout', what: 'the login timed out', cause });
  }

  #stalledMs(): number {
    return (this.#request.clock.stalledMs?.() ?? 0) - this.#stalledBefore;
  }

  /** Asked in the moment before the secret goes out. */
  #isInTime(): boolean {
    const isInTime = this.#limit.remainingMs() >= this.#request.answerMs;
    const what = 'too little time is left for the login; no password was sent';
    if (!isInTime) this.#fail({ code: 'timeout', what });
    return isInTime;
  }

  #refused(what: string): void {
    this.#hostAnswered = this.#attempt.credentialSent;
    this.#fail({ code: 'auth', what });
  }

  /**
   * The signature over the key exchange is checked by ssh2 after this; `#authenticate` comes only when it is right. A
   * host may exchange keys again at any time, also after the login: with the same host key.
   */
  #keepHostKey(wire: Buffer): boolean {
    const key = readHostKey(wire);
    if (key === undefined) {
      const what = `it presents a host key of a type that was not offered (${wire.length} bytes)`;
      this.#fail({ code: 'hostkey', what, remedy: 'make a new host key on the host' });
      return false;
    }
    this.#hostKey ??= key;
    const same = key.blob === this.#hostKey.blob;
    if (!same && this.#keyExchanges > 0) {
      const what = 'it presents a second host key in the same connection';
      this.#fail({
        code: 'hostkey',
        what,
        remedy: 'check for a machine in the middle of the connection',
      });
    }
    return same;
  }

  /** After the login the error goes to whoever uses the client, and ends it. */
  #exchanged(): void {
    this.#keyExchanges += 1;
    keepKeysAsObjects(this.#client);
    if (this.#keyExchanges <= MAX_KEY_EXCHANGES) return;
    this.#client.emit('error', new Error(`the host exchanged keys ${this.#keyExchanges} times`));
  }

  /** ssh2 calls with null before the first request, then with the methods that the host offers. */
  #authenticate(
    offered: readonly string[] | null,
    partial: boolean | null,
    next: (method: AnyAuthMethod) => void,
  ): void {
    if (this.#isOver()) return;
    if (offered === null) {
      const none = { type: 'none', username: this.#request.credential.username } as const;
      this.#checkHostKey()
        .then((known) => known && next(none))
        .catch((error: Error) => this.#lost(error));
      return;
    }
    const chosen = this.#attempt.choose(offered, partial === true);
    if (chosen) next(chosen);
    else this.#refused(this.#whyRefused(offered, partial === true));
  }

  async #checkHostKey(): Promise<boolean> {
    const key = this.#hostKey;
    if (key === undefined) return false;
    this.#stage = 'host-key';
    try {
      const verdict = await this.#request.verifyHostKey(key, { signal: this.#limit.signal });
      if (this.#isOver()) return false;
      this.#stage = 'authentication';
      if (verdict === true) return true;
      const differs = { what: `its ${key.type} key ${fingerprint(key)} is not the pinned one` };
      this.#fail({ code: 'hostkey', ...(verdict === false ? differs : verdict) });
    } catch (cause) {
      this.#fail({ code: 'state', what: `its host key could not be checked: ${messageOf(cause)}`, cause });
    }
    return false;
  }

  #whyRefused(offered: readonly string[], partial: boolean): string {
    const { method } = this.#attempt;
    const others = printable(offered.join(', '));
    if (method !== undefined) {
      if (partial) return 'the host asks for a second factor';
      if (method === 'keyboard-interactive' && !this.#attempt.credentialSent)
        return `the host refused the keyboard-interactive login before it asked for a password, and offers ${others}`;
      if (method !== 'publickey' || this.#attempt.credentialSent)
        return `the host refused the ${method} login`;
      return 'the host does not take the key (RSA keys sign with SHA-512 or SHA-256 only); nothing was signed';
    }
    const { kind } = this.#request.credential.proof;
    return others === ''
      ? 'the host offers no way to log in'
      : `the host offers no login by ${kind}, only by ${others}`;
  }

  #accepted(): void {
    const { method, credentialSent } = this.#attempt;
    if (method === undefined || !credentialSent) {
      this.#fail({ code: 'auth', what: 'the host accepts a login without any credential' });
      return;
    }
    this.#over();
    this.#done.resolve({ client: this.#client, method });
  }

  #lost(cause: Error): void {
    this.#hostAnswered = this.#attempt.credentialSent && isDisconnect(cause);
    this.#fail({ ...this.#whyLost(cause), cause });
  }

  #whyLost(error: Error): Failure {
    const said = printable(messageOf(error));
    if (!this.#banner.seen) return { code: 'banner', ...explainNoBanner(this.#banner.words, said) };
    if (this.#attempt.credentialSent) {
      return { code: 'auth', what: `the connection ended after the credential was sent (${said})` };
    }
    if (this.#stage === 'authentication' && isDisconnect(error)) {
      return { code: 'auth', what: `the host ended the login (${said})` };
    }
    const unmatched = this.#offer.explain(said, this.#algorithms);
    if (unmatched !== undefined) return { code: 'banner', ...unmatched };
    return { code: 'banner', what: `the ssh conversation failed before the login (${said})` };
  }

  /** What the host says outweighs a stall: a key, a refusal. */
  #remedyFor(code: Failure['code']): string {
    const { credentialSent } = this.#attempt;
    const isSilence = code === 'timeout' || code === 'banner' || (code === 'auth' && credentialSent);
    const stall = isSilence && !this.#hostAnswered ? remedyForStall(this.#stalledMs()) : undefined;
    return stall ?? REMEDIES[code];
  }

  #fail({ code, what, remedy = this.#remedyFor(code), cause }: Failure): void {
    if (this.#isOver()) return;
    this.#over();
    this.#attempt.end();
    this.#request.socket.destroy();
    const { target, credential } = this.#request;
    this.#done.reject(
      new SshError(`${credential.username}@${printTarget(target)}: ${what}; ${remedy}`, {
        code,
        credentialSent: this.#attempt.credentialSent,
        hostAnswered: this.#hostAnswered,
        stalledMs: this.#stalledMs(),
        cause,
      }),
    );
  }

  #over(): void {
    this.#stage = 'over';
    this.#banner[Symbol.dispose]();
    this.#ended.abort('over');
  }

  #isOver(): boolean {
    return this.#stage === 'over';
  }
}

/** A host that is answered in the same moment may need another round: prompts without a question, for example. */
const MAX_TURNS = 20;

/** Lets the event loop turn until it has read all that had come from the host. */
async function untilNothingWaits(socket: Socket): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const before = socket.bytesRead;
    await new Promise<void>((resolve) => setImmediate(resolve));
    // The first turn may have begun behind the sockets.
    if (turn > 0 && socket.bytesRead === before) return;
  }
}

/** ssh2 puts the number of the protocol's disconnect reason there, and only there. */
const isDisconnect = (error: Error): boolean => 'code' in error && typeof error.code === 'number';
