import { VsweepError } from '../platform/errors.ts';

/** A batch request or result that is not of the contract: the two sides are of different versions, or damaged. */
export class BatchError extends VsweepError<'batch'> {
  constructor(message: string) {
    super(message, { code: 'batch' });
  }
}

/** A worker does not believe a batch request; it has done nothing. */
export class RequestRefusedError extends VsweepError<'request-refused'> {
  constructor(why: string) {
    super(`the batch request was refused: ${why}`, { code: 'request-refused' });
  }
}

/** A target cannot be listed in this run: its last host list stands in. */
export class TargetError extends VsweepError<'target'> {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'target', cause });
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
