import { messageOf, VsweepError } from '../platform/errors.ts';

/**
 * `unavailable`: the table did not answer, try again. `refused`: it answered that it will not, and somebody must
 * change something. `malformed`: an item or file is not what vsweep writes. `damaged`: the file is not as it was
 * written, so nobody knows what is lost. `insecure`: others can read it.
 */
export type StateErrorCode = 'unavailable' | 'refused' | 'malformed' | 'insecure' | 'damaged';

export class StateError extends VsweepError<StateErrorCode> {
  constructor(message: string, options: { code: StateErrorCode; cause?: unknown }) {
    super(message, { ...options, retryable: options.code === 'unavailable' });
  }
}

/** An item was made and removed again under our hands, each time we looked. */
export function restlessItem(what: string): StateError {
  return new StateError(`${what} kept changing in the state table while it was updated. Try again.`, {
    code: 'unavailable',
  });
}

/** What is wrong with several items: whoever mends one must not learn of the next by another run that asks nobody. */
export function allMalformed(errors: readonly StateError[]): StateError | undefined {
  const [cause] = errors;
  if (cause === undefined || errors.length === 1) return cause;
  const named = errors.slice(0, MAX_NAMED).map(messageOf).join('; ');
  const more = errors.length > MAX_NAMED ? `; and ${errors.length - MAX_NAMED} more` : '';
  return new StateError(`${named}${more}`, { code: 'malformed', cause });
}

const MAX_NAMED = 10;

/** The table could not be asked. What it answered, however odd, is no reason to go by memory. */
export const isStateAway = (error: unknown): boolean =>
  error instanceof StateError && (error.code === 'unavailable' || error.code === 'refused');
