import type { DeliverOptions } from '../sink.ts';
import type { SendOptions } from './http-link.ts';

/**
 * Requests that only the run with the lease may send: it is asked for before each attempt, because the pauses between them may
 * take minutes. Answers what `work` does. Rejects as `work` does, or with the signal's reason when that aborts.
 */
export async function whileLeased<T>(
  { signal, holdsLease }: DeliverOptions,
  work: (sending: Required<Pick<SendOptions, 'signal' | 'beforeAttempt'>>) => Promise<T>,
): Promise<T | 'lease-lost'> {
  const lost = new AbortController();
  const sending = AbortSignal.any([signal, lost.signal]);
  const beforeAttempt = async () => {
    if (!(await holdsLease())) lost.abort();
    sending.throwIfAborted();
  };
  try {
    return await work({ signal: sending, beforeAttempt });
  } catch (error) {
    signal.throwIfAborted();
    if (lost.signal.aborted) return 'lease-lost';
    throw error;
  }
}
