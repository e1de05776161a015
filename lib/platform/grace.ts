import type { Clock } from './clock.ts';

/** A signal that gives what is under way a moment more than its parent does. */
export interface Grace extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Starts a grace: its signal aborts with the parent's reason, `ms` after the parent if `isUnderWay` says so then,
 * else at once; where the parent has aborted before, `ms` from now. Dispose it when the work is done.
 */
export function startGrace(options: {
  clock: Pick<Clock, 'sleep'>;
  ms: number;
  isUnderWay: () => boolean;
  signal: AbortSignal;
}): Grace {
  const { clock, ms, isUnderWay, signal: parent } = options;
  const end = new AbortController();
  const finished = new AbortController();
  const onAbort = () => {
    const abort = () => end.abort(parent.reason);
    if (isUnderWay()) clock.sleep(ms, { signal: finished.signal }).then(abort, () => undefined);
    else abort();
  };
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort);
  return {
    signal: end.signal,
    [Symbol.dispose]() {
      parent.removeEventListener('abort', onAbort);
      finished.abort('finished');
    },
  };
}
