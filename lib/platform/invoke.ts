/**
 * Calls a function that lives elsewhere: bytes in, bytes out. On one machine it is a call in this process, in AWS
 * a synchronous Lambda invocation. A rejection means that nothing is known about what the callee did.
 */
export type Invoke = (
  name: string,
  payload: Uint8Array,
  options: { signal: AbortSignal },
) => Promise<Uint8Array>;
