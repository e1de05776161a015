import type { Invoke } from '../../platform/invoke.ts';
import { BatchError } from '../errors.ts';

type Handler = (payload: Uint8Array, options: { signal: AbortSignal }) => Promise<Uint8Array>;

/** Invokes functions in this process, by the same bytes that would travel to a Lambda. */
export function createLocalInvoke(functions: Readonly<Record<string, Handler>>): Invoke {
  return async (name, payload, options) => {
    const handler = functions[name];
    if (handler === undefined) throw new BatchError(`there is no function "${name}" in this process`);
    options.signal.throwIfAborted();
    return handler(payload, options);
  };
}
