/** So many at once for each name; who comes later waits for a place, in order. */
export interface SessionLimit {
  /** Dispose the place when the session is closed. Stops waiting when the signal aborts, with its reason. */
  take(name: string, options: { signal: AbortSignal }): Promise<Disposable>;
}

export function createSessionLimit(max: number): SessionLimit {
  const taken = new Map<string, number>();
  const waiting = new Map<string, Set<() => void>>();
  const free = (name: string) => {
    const left = (taken.get(name) ?? 0) - 1;
    if (left > 0) taken.set(name, left);
    else taken.delete(name);
    for (const next of waiting.get(name) ?? []) {
      next();
      return;
    }
  };
  const place = (name: string): Disposable => {
    taken.set(name, (taken.get(name) ?? 0) + 1);
    let isGivenBack = false;
    return {
      [Symbol.dispose]() {
        if (!isGivenBack) free(name);
        isGivenBack = true;
      },
    };
  };
  return {
    async take(name, { signal }) {
      signal.throwIfAborted();
      if ((taken.get(name) ?? 0) < max) return place(name);
      const queue = waiting.get(name) ?? new Set();
      waiting.set(name, queue);
      const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
      const leave = () => {
        queue.delete(onTurn);
        if (queue.size === 0) waiting.delete(name);
        signal.removeEventListener('abort', onAbort);
      };
      const onTurn = () => {
        leave();
        resolve(place(name));
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
      };
      queue.add(onTurn);
      signal.addEventListener('abort', onAbort, { once: true });
      return promise;
    },
  };
}
