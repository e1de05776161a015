import { VsweepError } from '../platform/errors.ts';

/**
 * `token`, `filter`, `not-found`, `busy`, `status`: what NetBox answered. `not-netbox`, `cut-off`, `too-large`: what
 * came is not a page of devices, or not all of one. `changed`: devices came or went between the pages.
 * `implausible`: an answer that is whole and cannot be true. `network`, `timeout`, `tls`: no answer.
 */
export type NetboxErrorCode =
  | 'token'
  | 'filter'
  | 'not-found'
  | 'busy'
  | 'status'
  | 'not-netbox'
  | 'cut-off'
  | 'too-large'
  | 'changed'
  | 'implausible'
  | 'network'
  | 'timeout'
  | 'tls';

/** NetBox did not say which devices are active. `status` is its answer, when there was one. */
export class NetboxError extends VsweepError<NetboxErrorCode> {
  readonly status: number | undefined;

  constructor(
    message: string,
    options: { code: NetboxErrorCode; retryable?: boolean; status?: number; cause?: unknown },
  ) {
    super(message, options);
    this.status = options.status;
  }
}
