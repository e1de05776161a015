import { compress } from 'snappyjs';
import { quote } from '../../platform/quote.ts';
import { isRefusal, PushError } from '../http/errors.ts';
import type { HttpLink } from '../http/http-link.ts';
import type { DeliverOptions } from '../sink.ts';
import type { Batch } from './batches.ts';

/** What was thrown because another run took the lease. */
export const LEASE_LOST = Symbol('lease-lost');

/** Requests of one delivery. Dispose it, which closes its connection. */
export interface Writes extends Disposable {
  /**
   * Sends one batch behind the other. One whose contents the destination refuses costs the others nothing; what was refused is
   * told in the end. Rejects with PushError, with LEASE_LOST, or with the signal's reason. `attempts` is in place of the link's.
   */
  sendAll(batches: Iterable<Batch>, options?: { readonly attempts?: number }): Promise<void>;
}

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

export function openWrites(link: HttpLink, query: string, { signal, holdsLease }: DeliverOptions): Writes {
  const agent = link.createAgent();
  const lost = new AbortController();
  const sending = AbortSignal.any([signal, lost.signal]);
  const beforeAttempt = async () => {
    if (!(await holdsLease())) lost.abort(LEASE_LOST);
    sending.throwIfAborted();
  };

  async function send({ message, hasSeveral }: Batch, attempts?: number): Promise<void> {
    let isAnswerLost = false;
    const onFailed = (error: PushError) => {
      isAnswerLost ||= mayHaveLanded(error);
    };
    const request = { method: 'POST', headers: HEADERS, body: compress(message) } as const;
    try {
      await link.send(query, request, { signal: sending, agent, beforeAttempt, attempts, onFailed });
    } catch (error) {
      sending.throwIfAborted();
      if (!isAnswerLost || !hasSeveral || !isOutOfOrder(error)) throw error;
      const { message: text, code, status } = error;
      throw new PushError(text, { code, ...toStatus(status), mayBeThere: true, cause: error });
    }
  }

  return {
    async sendAll(batches, { attempts } = {}) {
      const refused: Refused[] = [];
      let requests = 0;
      for (const batch of batches) {
        requests += 1;
        const { message: _sent, ...rest } = batch;
        await send(batch, attempts).catch((error: unknown) => {
          if (!isRefusal(error)) throw error;
          refused.push({ error, ...rest });
        });
      }
      if (refused.length > 0) throw refusedError(refused, requests);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

const toStatus = (status: number | undefined) => (status === undefined ? {} : { status });

type Refused = Omit<Batch, 'message'> & { readonly error: PushError };

/** Whether the answer of a failed attempt was lost, or is of a proxy that lost it. Any other one says that nothing was taken. */
const mayHaveLanded = ({ code, status }: PushError): boolean =>
  code === 'network' || code === 'timeout' || status === 502 || status === 504;

/**
 * A repeated request, of which one series has several samples, is refused where the first one was taken although its answer
 * was lost: its older samples are older than what is there. With one sample a series it is not, as the same value at the same
 * time is no fault (Prometheus tsdb/head_append.go, `appendable`; Mimir and Amazon's service use the same storage, Thanos
 * answers 409).
 */
const isOutOfOrder = (error: unknown): error is PushError =>
  isRefusal(error) && /out[ -]of[ -]order|too[ -]old|out of bounds|duplicate/i.test(error.message);

const MAX_SERIES_LENGTH = 500;

function refusedError(refused: readonly Refused[], requests: number): PushError {
  const { error, series, samples, first } = refused[0] as Refused;
  const { code, status } = error;
  const counted = requests === 1 ? '' : ` ${refused.length} of ${requests} requests were refused.`;
  const told = `It had ${samples} samples of ${series} series, from ${quote(first, MAX_SERIES_LENGTH)} on.${counted}`;
  return new PushError(`${error.message} ${told}`, {
    code,
    cause: error,
    ...toStatus(status),
    mayBeThere: refused.every((one) => one.error.mayBeThere),
  });
}
