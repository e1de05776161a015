import { counters } from './counters.ts';
import type { Reader } from './reader.ts';

/**
 * The readers that run in the session of a batch behind that of properties, which says of each item whether it is there.
 * A line a reader: docs/adding-a-metric.md.
 */
export const READERS: readonly Reader<never>[] = [counters];
