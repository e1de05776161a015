/** The only source of time: tests put another one in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment, by a clock that nobody sets: for whatever takes or may take so long. */
  monotonic(): number;
  /**
   * Resolves after `ms`; rejects with the signal's reason when that aborts first. What sleeps in the `background`
   * keeps no process alive.
   */
  sleep(ms: number, options: { signal: AbortSignal; background?: boolean }): Promise<void>;
  /**
   * Milliseconds of all stalls of this process so far (`withHeartbeat`); take the difference of two of them. Absent
   * where nobody measures it.
   */
  stalledMs?(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms, { signal, background = false }) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal.aborted) {
      reject(signal.reason);
      return promise;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (background) timer.unref();
    signal.addEventListener('abort', onAbort, { once: true });
    return promise;
  },
};
