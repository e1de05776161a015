import { VsweepError } from '../platform/errors.ts';

/**
 * A poll that is answered with `success` 1 and this message. `request`: it asks for nothing that there is; `collect`:
 * vSphere did not give what it asks for; `login`: the target cannot be logged in to.
 */
export class PollError extends VsweepError<'request' | 'collect' | 'login'> {}
