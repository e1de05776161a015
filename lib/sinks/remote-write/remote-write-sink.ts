import { compress } from 'snappyjs';
import { createHttpLink, type HttpLinkOptions } from '../http/http-link.ts';
import type { DeliverOptions, RunSeries, Sink } from '../sink.ts';
import { type Batch, writeBatches } from './batches.ts';
import { REMOTE_WRITE } from './remote-write-words.ts';

export interface RemoteWriteDeps {
  /** Reads the credential; called for each delivery, so that a rotated one is used. */
  open(options: { signal: AbortSignal }): Promise<Omit<HttpLinkOptions, 'clock' | 'log' | 'random'>>;
  readonly retry: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'>;
  readonly externalLabels?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
  readonly maxSamples?: number;
  /** How old a sample it is given at most. */
  readonly maxBackfillMs: number;
}

const MAX_BYTES = 1_000_000;
const MAX_SAMPLES = 5_000;

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/**
 * Remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/): one batch behind the other, so that each series
 * arrives in the order of its times and only one batch is in memory. Samples without a time get that of the delivery, all the
 * same one, also when a request is repeated.
 */
export function createRemoteWriteSink(deps: RemoteWriteDeps): Sink {
  const { retry, externalLabels = {}, maxBytes = MAX_BYTES, maxSamples = MAX_SAMPLES } = deps;

  async function deliver(
    { group, families }: RunSeries,
    { signal, holdsLease }: DeliverOptions,
  ): Promise<'delivered' | 'lease-lost'> {
    const link = createHttpLink({ ...(await deps.open({ signal })), ...retry }, REMOTE_WRITE);
    const timeMs = retry.clock.now();
    const lost = new AbortController();
    const sending = AbortSignal.any([signal, lost.signal]);
    const beforeAttempt = async () => {
      if (!(await holdsLease())) lost.abort();
      sending.throwIfAborted();
    };
    const agent = link.createAgent();
    const send = async ({ message }: Batch) =>
      await link.send(
        '',
        { method: 'POST', headers: HEADERS, body: compress(message) },
        { signal: sending, beforeAttempt, agent },
      );
    try {
      const labels = { group: { job: group.job, instance: group.instance }, external: externalLabels };
      for (const batch of writeBatches(families, { timeMs, ...labels, maxBytes, maxSamples }))
        await send(batch);
      return 'delivered';
    } catch (error) {
      signal.throwIfAborted();
      if (lost.signal.aborted) return 'lease-lost';
      throw error;
    } finally {
      agent.destroy();
    }
  }

  const timed = { maxAgeMs: deps.maxBackfillMs, maxSamples, append: deliver };
  return { name: 'remotewrite', deliver, timed, forget: async () => false };
}
