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
 * `throttled`, `unreachable`: the function was not started. `function-error`: it was, and it threw. `lost`: nobody
 * knows, so it counts as started. `refused`: Lambda will not start it for us, and somebody must change something.
 */
export class InvokeError extends VsweepError<
  'throttled' | 'unreachable' | 'function-error' | 'lost' | 'refused'
> {}
