import { appliance } from './appliance.ts';
import { calls } from './calls.ts';
import { counters } from './counters.ts';
import { customAttributes } from './custom-attributes.ts';
import { events } from './events.ts';
import { historicalCounters } from './historical-counters.ts';
import type { Reader } from './reader.ts';
import { tags } from './tags.ts';
import type { TargetReader } from './target-reader.ts';
import { vcenter } from './vcenter.ts';
import { vsan } from './vsan.ts';

/**
 * The readers that run in the session of a batch behind that of properties, which says of each item whether it is there.
 * A line a reader: docs/adding-a-metric.md.
 */
export const READERS: readonly Reader<never>[] = [counters, historicalCounters, calls, vsan];

/** The readers that run in the sweep itself, each for a whole target. A line a reader. */
export const TARGET_READERS: readonly TargetReader<never>[] = [
  customAttributes,
  events,
  tags,
  vcenter,
  appliance,
];
