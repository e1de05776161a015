import type { Clock } from './clock.ts';
import { InvokeError } from './invoke.ts';

const FIRST_PAUSE_MS = 500;
/** A function that nobody called for weeks wakes in seconds, or in minutes where it has a network. */
const LONGEST_PAUSE_MS = 2_000;

/**
 * Calls a function again for as long as it is not ready, which surely starts nothing: Lambda has made it inactive, and
 * wakes it since the first of these calls, each of which fails until it is done
 * (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html). When the signal aborts meanwhile, rejects with
 * what Lambda said, and for how long. `onWait` is called once, before the first pause.
 */
export async function untilReady<T>(
  call: () => Promise<T>,
  options: {
    clock: Clock;
    /** In [0, 1), as Math.random: spreads the pauses by half to either side. */
    random: () => number;
    onWait: (refusal: InvokeError) => void;
    signal: AbortSignal;
  },
): Promise<T> {
  const { clock, random, onWait, signal } = options;
  const startedAt = clock.monotonic();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof InvokeError && error.code === 'not-ready')) throw error;
      if (attempt === 1) onWait(error);
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + random());
      await clock.sleep(pauseMs, { signal }).catch(() => {
        const seconds = Math.round((clock.monotonic() - startedAt) / 1_000);
        const message = `${error.message}. It was still not ready after ${seconds} s. Try again in two minutes`;
        throw new InvokeError(message, { code: 'not-ready', cause: error });
      });
    }
  }
}
