import type * as z from 'zod';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Group } from '../sink.ts';
import { type KnownSeries, knownSeries } from './known-series.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Which series of a group are at the destination; see lib/state/stores/series-lists.ts. */
export interface SeriesRecords {
  read<T>(group: Group, schema: z.ZodType<T>, options: Options): Promise<T | undefined>;
  write(group: Group, list: KnownSeries, options: Options): Promise<void>;
}

const NOTHING: KnownSeries = { tables: [], metrics: [] };

/**
 * What a run before left at the destination; undefined where that cannot be read: then nothing is marked as ended, and nothing
 * recorded.
 */
export async function readRecord(
  group: Group,
  { records, log }: { records: SeriesRecords; log: Log },
  options: Options,
): Promise<KnownSeries | undefined> {
  try {
    return (await records.read(group, knownSeries, options)) ?? NOTHING;
  } catch (error) {
    options.signal.throwIfAborted();
    log.warn('remote write: the list of series could not be read; those that ended are not marked', {
      ...group,
      error: messageOf(error),
    });
    return undefined;
  }
}
