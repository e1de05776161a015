import { VsweepError } from '../platform/errors.ts';

/**
 * `unavailable`: the table did not answer, try again. `refused`: it answered that it will not, and somebody must
 * change something. `malformed`: an item or file is not what vsweep writes. `insecure`: others can read it.
 */
export type StateErrorCode = 'unavailable' | 'refused' | 'malformed' | 'insecure';

export class StateError extends VsweepError<StateErrorCode> {
  constructor(message: string, options: { code: StateErrorCode; cause?: unknown }) {
    super(message, { ...options, retryable: options.code === 'unavailable' });
  }
}

/** Another process owns the state folder. */
export class StateHeldError extends VsweepError<'held'> {
  readonly path: string;
  /** The owner's process id; undefined when the owner has not written it yet. */
  readonly pid: number | undefined;

  constructor(path: string, pid: number | undefined) {
    const owner = pid === undefined ? 'another process' : `process ${pid}`;
    super(
      `The state in ${path} is in use by ${owner}. Only one vsweep at a time can use a state folder: ` +
        'stop the other one, or give this one another state.path.',
      { code: 'held' },
    );
    this.path = path;
    this.pid = pid;
  }
}

/** An item was made and removed again under our hands, each time we looked. */
export function restlessItem(what: string): StateError {
  return new StateError(`${what} changed each time it was read in the state table. Try again.`, {
    code: 'unavailable',
  });
}
