import { compress } from 'snappyjs';
import type { Log } from '../../platform/log.ts';
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
   * told in the end. Rejects with PushError, with LEASE_LOST, or with the signal's reason.
   */
  sendAll(batches: Iterable<Batch>): Promise<void>;
}

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

export function openWrites(
  link: HttpLink,
  query: string,
  { signal, holdsLease, log }: DeliverOptions & { readonly log: Log },
): Writes {
  const agent = link.createAgent();
  const lost = new AbortController();
  const sending = AbortSignal.any([signal, lost.signal]);
  const beforeAttempt = async () => {
    if (!(await holdsLease())) lost.abort(LEASE_LOST);
    sending.throwIfAborted();
  };

  async function send({ message, ...batch }: Batch): Promise<void> {
    let mayBeThere = false;
    const onFailed = ({ status = 500 }: PushError) => {
      mayBeThere ||= status >= 500;
    };
    const request = { method: 'POST', headers: HEADERS, body: compress(message) } as const;
    try {
      await link.send(query, request, { signal: sending, agent, beforeAttempt, onFailed });
    } catch (error) {
      sending.throwIfAborted();
      if (!mayBeThere || !batch.hasSeveral || !isOutOfOrder(error)) throw error;
      log.info('remote write: the destination has the samples of a request that it did not answer', {
        samples: batch.samples,
      });
    }
  }

  return {
    async sendAll(batches) {
      const refused: Refused[] = [];
      let requests = 0;
      for (const batch of batches) {
        requests += 1;
        const { message: _sent, ...rest } = batch;
        await send(batch).catch((error: unknown) => {
          if (!isRefusal(error)) throw error;
          refused.push({ error, ...rest });
        });
      }
      const [first] = refused;
      if (first !== undefined) throw refusedError(first, { refused: refused.length, requests });
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

type Refused = Omit<Batch, 'message'> & { readonly error: PushError };

/**
 * A repeated request, of which one series has several samples, is refused where the first one was taken although its answer
 * was lost: its older samples are older than what is there. With one sample a series it is not, as the same value at the same
 * time is no fault (Prometheus tsdb/head_append.go, `appendable`; Mimir and Amazon's service use the same storage, Thanos
 * answers 409).
 */
const isOutOfOrder = (error: unknown): boolean =>
  isRefusal(error) && /out[ -]of[ -]order|too[ -]old|out of bounds|duplicate/i.test(error.message);

const MAX_SERIES_LENGTH = 500;

function refusedError(
  { error, series, samples, first }: Refused,
  { refused, requests }: { refused: number; requests: number },
): PushError {
  const { code, status } = error;
  const counted = requests === 1 ? '' : ` ${refused} of ${requests} requests were refused.`;
  const told = `It had ${samples} samples of ${series} series, from ${quote(first, MAX_SERIES_LENGTH)} on.${counted}`;
  return new PushError(`${error.message} ${told}`, {
    code,
    cause: error,
    ...(status === undefined ? {} : { status }),
  });
}
