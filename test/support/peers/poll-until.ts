import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `condition` until it gives a value. Throws when it has not after `timeoutMs`, with the last error that it
 * threw as the cause, or as soon as `signal` aborts. Give it only conditions that must come true.
 */
export async function pollUntil<T>(
  what: string,
  condition: () => Promise<T | undefined> | T | undefined,
  options: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T> {
  const endsAt = performance.now() + options.timeoutMs;
  let cause: unknown;
  do {
    options.signal?.throwIfAborted();
    try {
      const value = await condition();
      if (value !== undefined) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(options.everyMs ?? 50);
  } while (performance.now() < endsAt);
  throw new Error(`${what}: still not so after ${options.timeoutMs} ms`, { cause });
}
