import { DeadlineError } from './errors.ts';

/** For how long a login whose secret was sent waits for its answer when it is told to stop, in milliseconds. */
export const ANSWER_MS = 5_000;

/** Whether the work is to end because somebody wants it to, and not because its time is over. */
export const isStopped = ({ aborted, reason }: AbortSignal): boolean =>
  aborted && !(reason instanceof DeadlineError);
