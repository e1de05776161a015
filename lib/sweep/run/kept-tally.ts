import type { KeptTally } from '../../readers/target-reader.ts';
import type { EventTallyStore, StoredTally } from '../../state/stores/event-tallies.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';

/** The tally of events of a sweep on a target, for one run: it is written over the one that this run read. */
export function openKeptTally(
  { runId, sweep, target }: Pick<TargetOrder, 'runId' | 'sweep' | 'target'>,
  { eventTallies, dryRun = false }: { eventTallies: EventTallyStore; dryRun?: boolean },
): KeptTally {
  let over: StoredTally | undefined;
  return {
    async read(options) {
      over = await eventTallies.read(sweep.name, target.name, options);
      return over?.tally;
    },
    keep: async (tally, options) =>
      // Nobody gets what a dry run finds: it counts for itself.
      dryRun ? tally : await eventTallies.write(sweep.name, target.name, { tally, over, runId }, options),
  };
}
