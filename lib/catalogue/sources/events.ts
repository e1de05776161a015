import { NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** Events of a vCenter, counted from one run to the next: read in the sweep, which keeps the totals in the state. */
export const EVENTS: ReaderFacts = { name: 'events', runs: 'sweep' };

/** Totals by type, or none where the account may not see events; and what to know of how they came about. */
export interface EventReading {
  readonly totals: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly lacks?: readonly string[];
}

/** A point for each type that is counted, also of one that never happened. */
export const eventTotals: Source<'totals', EventReading> = {
  reader: EVENTS,
  needs: ['totals'],
  evaluate: ({ totals, warnings, lacks = [] }) => ({
    ...NOTHING,
    points: Object.entries(totals).map(([type, value]) => ({ labels: [type], value })),
    warnings,
    lacks,
  }),
};
