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
  | 'page'
  | 'stranger'
  | 'status';

/** A destination did not take a push or a deletion. `status` is its answer, when there was one. */
export class PushError extends VsweepError<PushErrorCode> {
  readonly status: number | undefined;

  constructor(
    message: string,
    options: {
      code: PushErrorCode;
      retryable?: boolean;
      retryAfterMs?: number | undefined;
      status?: number;
      cause?: unknown;
    },
  ) {
    super(message, options);
    this.status = options.status;
  }
}
