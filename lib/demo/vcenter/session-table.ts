import { randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import { DemoBusy, DemoFault } from './soap-answer.ts';

/** What one session keeps on the server: its views, and the pages that it has not asked for yet. */
export interface DemoSession {
  /** By it sessions are listed and ended; it opens nothing. */
  readonly key: string;
  readonly user: string;
  readonly userAgent: string;
  readonly loginAt: number;
  lastActiveAt: number;
  /** View -> the types that it shows. */
  readonly views: Map<string, readonly string[]>;
  /** Token -> the objects that are left. Good for one call of this session. */
  readonly pages: Map<string, readonly string[]>;
  /** Event collector -> the events that are left. */
  readonly collectors: Map<string, readonly string[]>;
}

/** How every cookie and every ticket begins, so that one is known wherever it turns up. */
export const COOKIE_PREFIX = 'demo-cookie-';
export const TICKET_PREFIX = 'cst-VCT-';

/** vCenter's own: two hours. */
const IDLE_TIMEOUT_MS = 7_200_000;
/** `config.vmacore.soap.maxSessionCount` from 8.0U3 on. */
const MAX_SESSIONS = 3_000;

export interface SessionTableOptions {
  readonly clock: Clock;
  /** Default 2 h. */
  readonly idleTimeoutMs?: number | undefined;
  /** Default 3000. With so many open every further one is refused with HTTP 503. */
  readonly maxSessions?: number | undefined;
}

/** The sessions of a vCenter by their cookies, and the tickets that open another one. */
export class SessionTable {
  readonly #clock: Clock;
  readonly #idleTimeoutMs: number;
  readonly #maxSessions: number;
  readonly #open = new Map<string, DemoSession>();
  /** Ticket -> cookie of the session that it clones. */
  readonly #tickets = new Map<string, string>();

  constructor({ clock, idleTimeoutMs, maxSessions }: SessionTableOptions) {
    this.#clock = clock;
    this.#idleTimeoutMs = idleTimeoutMs ?? IDLE_TIMEOUT_MS;
    this.#maxSessions = maxSessions ?? MAX_SESSIONS;
  }

  list(): readonly DemoSession[] {
    const oldest = this.#clock.now() - this.#idleTimeoutMs;
    for (const [cookie, { lastActiveAt }] of this.#open) if (lastActiveAt < oldest) this.#open.delete(cookie);
    return [...this.#open.values()];
  }

  /** The session of a call, which keeps it from ending for its idleness. */
  use(cookie: string): DemoSession | undefined {
    this.list();
    const session = this.#open.get(cookie);
    if (session !== undefined) session.lastActiveAt = this.#clock.now();
    return session;
  }

  open({ user, userAgent }: Pick<DemoSession, 'user' | 'userAgent'>): {
    cookie: string;
    session: DemoSession;
  } {
    if (this.list().length >= this.#maxSessions) throw new DemoBusy();
    const now = this.#clock.now();
    const times = { loginAt: now, lastActiveAt: now };
    const session = {
      key: randomUUID(),
      user,
      userAgent,
      ...times,
      views: new Map(),
      pages: new Map(),
      collectors: new Map(),
    };
    const cookie = `${COOKIE_PREFIX}${randomUUID()}`;
    this.#open.set(cookie, session);
    return { cookie, session };
  }

  close(cookie: string): void {
    this.#open.delete(cookie);
  }

  closeAll(): void {
    this.#open.clear();
  }

  /** TerminateSession: anybody's but one's own. */
  terminate(keys: readonly string[], { by }: { by: DemoSession }): void {
    for (const key of keys) {
      if (key === by.key) throw new DemoFault('InvalidArgument', 'A session cannot terminate itself.');
      const [cookie] = [...this.#open].find(([, session]) => session.key === key) ?? [];
      if (cookie === undefined) throw new DemoFault('NotFound', 'There is no such session.');
      this.#open.delete(cookie);
    }
  }

  issueTicket(cookie: string): string {
    const ticket = `${TICKET_PREFIX}${randomUUID()}`;
    this.#tickets.set(ticket, cookie);
    return ticket;
  }

  /** A ticket is used up by the attempt, and worth nothing once its session has ended. */
  redeem(ticket: string): DemoSession {
    const session = this.#open.get(this.#tickets.get(ticket) ?? '');
    this.#tickets.delete(ticket);
    if (session === undefined) throw new DemoFault('InvalidLogin', 'The ticket is not valid.');
    return session;
  }
}

/** The fields of a UserSession, in the order of the WSDL. */
export function toUserSession({ key, user, userAgent, loginAt, lastActiveAt }: DemoSession): string {
  const time = (at: number) => new Date(at).toISOString();
  return (
    textElement('key', key) +
    textElement('userName', user) +
    textElement('fullName', user) +
    textElement('loginTime', time(loginAt)) +
    textElement('lastActiveTime', time(lastActiveAt)) +
    textElement('locale', 'en') +
    textElement('messageLocale', 'en') +
    textElement('extensionSession', 'false') +
    textElement('ipAddress', '127.0.0.1') +
    textElement('userAgent', userAgent) +
    textElement('callCount', '1')
  );
}
