import { VsweepError } from '../platform/errors.ts';

/**
 * A poll that is answered with `success` 1 and this message. `request`: it asks for nothing that there is;
 * `not-found`: there is no object of that name; `unavailable`: the object has not what is asked for, or not now;
 * `login`: the target cannot be logged in to.
 */
export class PollError extends VsweepError<'request' | 'not-found' | 'unavailable' | 'login'> {}
