import type { Family } from '../../metrics/family.ts';
import { mergeFamilies } from '../../metrics/merge-families.ts';
import type { Sink } from '../sink.ts';

/** The sink of a dry run: what it took is printed when the command ends, as one exposition or a field of its JSON. */
export function createHeldSeries(name = 'stdout'): Sink & { families(): readonly Family[] } {
  const held = new Map<string, readonly Family[]>();
  const keyOf = ({ job, instance }: { job: string; instance: string }) => JSON.stringify([job, instance]);
  return {
    name,
    async deliver({ group, families }) {
      held.set(keyOf(group), families);
      return 'delivered';
    },
    // What was delivered once is not here, and nothing of this run is a leftover.
    forget: async () => false,
    families: () => mergeFamilies(held.values()),
  };
}
