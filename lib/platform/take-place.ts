import { untilAborted } from './until-aborted.ts';

/**
 * Waits for one of the places of a queue, which is held until it is given back, or until `hold` resolves. Answers what
 * gives it back; rejects with the signal's reason.
 */
export async function takePlace(
  queue: (work: () => Promise<unknown>) => Promise<unknown>,
  { signal }: { signal: AbortSignal },
  hold: (over: AbortSignal) => Promise<unknown> = ended,
): Promise<() => void> {
  const begun = Promise.withResolvers<void>();
  const over = new AbortController();
  const giveBack = () => over.abort('over');
  void queue(() => {
    begun.resolve();
    return hold(over.signal);
  });
  try {
    await untilAborted(begun.promise, signal);
  } catch (error) {
    giveBack();
    throw error;
  }
  return giveBack;
}

const ended = (signal: AbortSignal) =>
  untilAborted(new Promise(() => undefined), signal).catch(() => undefined);
