import { VsweepError } from '../platform/errors.ts';

/** A batch request or result that is not of the contract: the two sides are of different versions, or damaged. */
export class BatchError extends VsweepError<'batch'> {
  constructor(message: string) {
    super(message, { code: 'batch' });
  }
}

/**
 * A worker does not take a batch request on; it has asked no host. `request-taken`: because another one took the same
 * batch before, which may be asking its hosts now.
 */
export class RequestRefusedError extends VsweepError<'request-refused' | 'request-taken'> {
  constructor(
    why: string,
    { code = 'request-refused' }: { code?: 'request-refused' | 'request-taken' } = {},
  ) {
    super(`the worker refused the batch request: ${why}`, { code });
  }
}

/** A target cannot be listed in this run: its last host list stands in. */
export class TargetError extends VsweepError<'target'> {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'target', cause });
  }
}

/** What a reader of the sweep itself finds is more than a result may hold: the rest is not read, to bound the memory. */
export class TooManySamplesError extends VsweepError<'too-many-samples'> {
  constructor(kind: string) {
    super(
      `more samples of objects of the kind ${kind} than one result may hold; they are left out. ` +
        'Leave the collector out, or split the target into several',
      { code: 'too-many-samples' },
    );
  }
}

/** The target gave no ticket for a worker's session: its items count as those of a target that failed. */
export class NoTicketError extends VsweepError<'no-ticket'> {
  constructor(why: string, cause?: unknown) {
    super(`no ticket for a worker: ${why}`, { code: 'no-ticket', cause });
  }
}

/** An event that asks for no run there is. */
export class EventError extends VsweepError<'event'> {
  constructor(message: string) {
    super(message, { code: 'event' });
  }
}

/** A run of which nothing came (exit code 1): what a Lambda function throws, so that it counts as failed. */
export class RunFailedError extends VsweepError<'run-failed'> {
  constructor(reason: string, message = reason) {
    super(reason, { code: 'run-failed' });
    // Lambda hands over the stack besides: it begins with the reason alone, and is made when it is first asked for.
    const { stack = '' } = this;
    this.message = message;
    this.stack = stack;
  }
}
