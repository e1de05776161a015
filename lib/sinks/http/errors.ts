import { VsweepError } from '../../platform/errors.ts';

export type PushErrorCode =
  | 'group'
  | 'url'
  | 'network'
  | 'timeout'
  | 'tls'
  | 'inconsistent'
  | 'malformed'
  | 'credentials'
  | 'not-found'
  | 'too-large'
  | 'busy'
  | 'parts'
  | 'rejected'
  | 'page'
  | 'stranger'
  | 'status';

/** A destination did not take a push or a deletion. `status` is its answer, when there was one. */
export class PushError extends VsweepError<PushErrorCode> {
  readonly status: number | undefined;
  /** Of a refusal: it may be for samples that the destination took at an attempt before, whose answer was lost. */
  readonly mayBeThere: boolean;

  constructor(
    message: string,
    options: {
      code: PushErrorCode;
      retryable?: boolean;
      retryAfterMs?: number | undefined;
      status?: number;
      mayBeThere?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, options);
    this.status = options.status;
    this.mayBeThere = options.mayBeThere ?? false;
  }
}

/** Answers by which a destination refuses what a request holds; any other is for want of rights, room or time. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 409, 413, 422]);

/** Whether the destination will never take the samples of a request, however often it is sent. */
export const isRefusal = (error: unknown): error is PushError =>
  error instanceof PushError && (error.code === 'rejected' || REFUSALS.has(error.status));
