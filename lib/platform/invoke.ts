import { VsweepError } from './errors.ts';

/**
 * Calls a function that lives elsewhere: bytes in, bytes out. On one machine it is a call in this process, in AWS
 * a synchronous Lambda invocation. A rejection means that nothing is known about what the callee did.
 */
export type Invoke = (
  name: string,
  payload: Uint8Array,
  options: { signal: AbortSignal },
) => Promise<Uint8Array>;

/**
 * `throttled`, `not-ready`, `unreachable`: the function was not started, and may be later. `refused`: it was not, and
 * somebody must change something. `function-error`: it was started, and it is over: it threw, or it died. `lost`:
 * nobody knows, so it counts as started and may still be at work.
 */
export class InvokeError extends VsweepError<
  'throttled' | 'not-ready' | 'unreachable' | 'refused' | 'function-error' | 'lost'
> {}

/** Whether the function surely does nothing because of this call. */
export const isNotStarted = (error: unknown): error is InvokeError =>
  error instanceof InvokeError && error.code !== 'function-error' && error.code !== 'lost';
