import { MetricsError } from '../../metrics/errors.ts';
import { messageOf } from '../../platform/errors.ts';
import { isRefusal } from '../http/errors.ts';
import { createHttpLink, type HttpLinkOptions } from '../http/http-link.ts';
import type { DeliverOptions, Group, RunSeries, Sink } from '../sink.ts';
import { writeBatches } from './batches.ts';
import { indexSeries, knownSeries } from './known-series.ts';
import { writeMetadata } from './metadata.ts';
import { REMOTE_WRITE } from './remote-write-words.ts';
import { readRecord, type SeriesRecords } from './series-record.ts';
import { LEASE_LOST, openWrites } from './writes.ts';

export interface RemoteWriteDeps {
  /** Reads the credential; called for each delivery, so that a rotated one is used. */
  open(options: { signal: AbortSignal }): Promise<Omit<HttpLinkOptions, 'clock' | 'log' | 'random'>>;
  readonly retry: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'>;
  readonly records: SeriesRecords & {
    remove(group: Group, options: { signal: AbortSignal }): Promise<void>;
  };
  /** So that a group that the configuration no longer names is forgotten. */
  readonly groups: {
    record(group: Group, options: { signal: AbortSignal }): Promise<unknown>;
  };
  readonly externalLabels?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
  readonly maxSamples?: number;
  /** How old a sample it is given at most. */
  readonly maxBackfillMs: number;
}

/** Before compression, after which it is a tenth: below what proxies and receivers take of one request. */
const MAX_BYTES = 1_000_000;
const MAX_SAMPLES = 5_000;
/** In all, with half a minute of pauses where the destination asks for none; a run that ends sooner ends them. */
const ATTEMPTS = 7;

/** Samples of a series are neighbours, so a request of `maxSamples` is smaller than one of as many series. */
const WHOLE = { maxBytes: 8 * MAX_BYTES, maxSamples: Number.MAX_SAFE_INTEGER };

/**
 * Remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/): one batch behind the other, so that each series
 * arrives in the order of its times and only one batch is in memory. Samples without a time get that of the delivery, the same
 * one when a request is repeated. Series that the run before had and this one has not are marked as ended, as those of a
 * scrape are: docs/adr/0067-remote-write.md.
 */
export function createRemoteWriteSink(deps: RemoteWriteDeps): Sink {
  const {
    retry,
    records,
    groups,
    externalLabels = {},
    maxBytes = MAX_BYTES,
    maxSamples = MAX_SAMPLES,
  } = deps;
  const { clock, log } = retry;

  const connect = async ({ signal, holdsLease }: DeliverOptions) => {
    const opened = await deps.open({ signal });
    const link = createHttpLink({ ...opened, ...retry, attempts: ATTEMPTS }, REMOTE_WRITE);
    return openWrites(link, new URL(opened.url).search, { signal, holdsLease });
  };
  const labelsOf = ({ job, instance }: Group) => ({ group: { job, instance }, external: externalLabels });
  /** All samples without a time of their own get that of now. */
  const writerOf = (group: Group, limits = { maxBytes, maxSamples }) => {
    const options = { timeMs: clock.now(), ...labelsOf(group), ...limits };
    return (families: RunSeries['families']) => writeBatches(families, options);
  };
  /** For what costs the delivery nothing when it fails. */
  const beside = async (
    failure: string,
    group: Group,
    { signal }: DeliverOptions,
    work: () => Promise<void>,
  ) => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      if (error === LEASE_LOST) throw error;
      log.warn(`remote write: ${failure}`, { ...group, error: messageOf(error) });
    }
  };

  async function deliver({ group, families, appended }: RunSeries, options: DeliverOptions): Promise<void> {
    const { signal, holdsLease } = options;
    const ifFails = async (failure: string, work: () => Promise<unknown>) =>
      await beside(failure, group, options, async () => void (await work()));
    await ifFails('a group could not be recorded; its series are not ended when it is left out', () =>
      groups.record(group, { signal }),
    );
    const before = await readRecord(group, { records, log }, { signal });
    using writes = await connect(options);
    const write = writerOf(group);
    await writes.sendAll(write(families));
    if (before !== undefined) {
      const index = indexSeries(families, labelsOf(group));
      await ifFails('series that ended could not be marked; they end after five minutes', async () => {
        const ended = index.endedSince(before).filter(({ definition }) => !appended?.has(definition.name));
        const fault = await finalFault(writes.sendAll(write(ended)));
        if (await holdsLease()) await records.write(group, index.list, { signal });
        if (fault !== undefined) throw fault;
      });
    }
    // Last and once, because back-fill waits for it.
    await ifFails('the destination did not take what metrics mean', () =>
      writes.sendAll(writeMetadata(families, maxBytes), { attempts: 1 }),
    );
  }

  /** In one request, which most destinations take whole or not at all; `maxSamples` bounds it. */
  async function append({ group, families }: RunSeries, options: DeliverOptions): Promise<void> {
    using writes = await connect(options);
    await writes.sendAll(writerOf(group, WHOLE)(families));
  }

  return {
    name: 'remotewrite',
    deliver: (series, options) => unlessLost(deliver(series, options)),
    timed: {
      maxAgeMs: deps.maxBackfillMs,
      maxSamples,
      append: (series, options) => unlessLost(append(series, options)),
    },
    async forget(group, { signal }) {
      const before = await records.read(group, knownSeries, { signal });
      if (before === undefined) return false;
      using writes = await connect({ signal, holdsLease: async () => true });
      const { endedSince } = indexSeries([], labelsOf(group));
      // The next run tries again, and other groups wait.
      const fault = await finalFault(writes.sendAll(writerOf(group)(endedSince(before)), { attempts: 1 }));
      await records.remove(group, { signal });
      if (fault !== undefined) throw fault;
      return true;
    },
  };
}

/** One that the next run would meet again: the destination refuses the markers, or the list is damaged. Rejects otherwise. */
async function finalFault(work: Promise<void>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (isRefusal(error) || error instanceof MetricsError) return error;
    throw error;
  }
}

async function unlessLost(work: Promise<void>): Promise<'delivered' | 'lease-lost'> {
  try {
    await work;
    return 'delivered';
  } catch (error) {
    if (error === LEASE_LOST) return 'lease-lost';
    throw error;
  }
}
