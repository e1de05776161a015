/**
 * The base of every error that vsweep raises itself. Decide on the class or on `code`, never on the message:
 * the message is for the operator and says what failed, on what, why, and what to do.
 */
export abstract class VsweepError<Code extends string = string> extends Error {
  readonly code: Code;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** How long to wait before it, in milliseconds, where the peer said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: { code: Code; retryable?: boolean; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The time that was granted for `what` is over. It is the abort reason of every deadline's signal. */
export class DeadlineError extends VsweepError<'deadline'> {
  /** How long this process was stalled within that time; 0 where nobody measured it. */
  readonly stalledMs: number;

  constructor(what: string, stalledMs = 0) {
    super(`${what}: out of time`, { code: 'deadline' });
    this.stalledMs = stalledMs;
  }
}

/** How long this process was stalled within the time that ran out; 0 when that is not why something failed. */
export const stalledMsOf = (cause: unknown): number => (cause instanceof DeadlineError ? cause.stalledMs : 0);

/** The message of anything that was thrown, for logs and warnings; where this machine lacks something, with what to do. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node adds its own address to a failed connection, also when there was no socket to have one.
  const said = error.message.replace(' - Local (undefined:undefined)', '');
  const remedy = 'code' in error ? SHORTAGES.get(error.code) : undefined;
  return remedy === undefined ? said : `${said}; ${remedy}`;
}

const MORE_ROOM = 'the disk or the quota is full: free space there';
const MORE_FILES = 'this process may open no more files: raise "ulimit -n" (LimitNOFILE= of a service)';
/** What the system is short of, by its error's name: the message says on what, and nobody there can help. */
const SHORTAGES: ReadonlyMap<unknown, string> = new Map([
  ['EMFILE', MORE_FILES],
  ['ENFILE', 'this machine may open no more files: raise fs.file-max'],
  ['ENOSPC', MORE_ROOM],
  ['EDQUOT', MORE_ROOM],
  ['EROFS', 'the disk is mounted read-only'],
]);
