/** A SOAP request that was made in a session, by the value of its cookie. */
export interface RecordedRequest {
  readonly session: string;
  readonly operation: string;
  /** The whole document. */
  readonly body: string;
}

/** What a sweep asked of a vCenter, without logins, so that somebody else can ask the same. */
export interface Recording {
  /** Of the sweep's own session, one after the other; nothing else was asked before their end. */
  readonly listing: readonly string[];
  /** Of the sessions of its workers, which are side by side. */
  readonly lanes: readonly (readonly string[])[];
  /** The reference that CreateContainerView was answered with, and that the listing names. */
  readonly view: string;
}

/** What another session cannot repeat, or need not. */
const OF_SESSION: ReadonlySet<string> = new Set(['Login', 'Logout', 'AcquireCloneTicket', 'CloneSession']);

/** Throws where the requests are not those of one sweep that read in sessions of their own. */
export function toRecording(requests: readonly RecordedRequest[], view: string): Recording {
  const asked = requests.filter(({ operation }) => !OF_SESSION.has(operation));
  if (asked.some(({ operation }) => operation.startsWith('Continue')))
    throw new Error('the answers came in pages, whose tokens nobody else can use');
  const sweep = asked.find(({ operation }) => operation === 'CreateContainerView')?.session;
  const bySession = Map.groupBy(asked, ({ session }) => session);
  const { [sweep ?? '']: listing = [], ...lanes } = Object.fromEntries(
    Array.from(bySession, ([session, ofSession]) => [session, ofSession.map(({ body }) => body)]),
  );
  if (sweep === undefined || Object.keys(lanes).length === 0)
    throw new Error(`no sweep with workers: ${asked.length} requests in ${bySession.size} sessions`);
  return { listing, lanes: Object.values(lanes), view };
}
