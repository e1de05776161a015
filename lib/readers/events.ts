import { EVENTS, type EventReading } from '../catalogue/sources/events.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { readCurrentTime } from '../vsphere/current-time.ts';
import { VsphereFaultError } from '../vsphere/errors.ts';
import {
  beginOf,
  beginsAnew,
  countEvents,
  type EventTally,
  isClockBack,
  OVERLAP_MS,
  unsettledBy,
} from '../vsphere/event/event-tally.ts';
import { MAX_EVENTS, readEvents } from '../vsphere/event/read-events.ts';
import { lackedBy } from './lacking.ts';
import type { KeptTally, TargetReader, TargetSession } from './target-reader.ts';

/**
 * Counts what happened since the run that counted last. Totals and cursor are kept before the totals are delivered: so no
 * delivered total ever falls, and what a run counted and did not deliver is in the total of the next one. Without the
 * tally of before nothing is read, because totals that begin at 0 would be wrong.
 */
export const events: TargetReader<'totals', EventReading> = {
  facts: EVENTS,
  async *read(wanted, { session, clock, signal }) {
    const reading = await readTotals(session, { clock, signal });
    for (const { kind, items } of wanted) for (const { moref } of items) yield [kind, moref, reading];
  },
};

async function readTotals(
  { connection, events: { types, tally } }: TargetSession,
  options: { clock: Clock; signal: AbortSignal },
): Promise<EventReading> {
  const before = await tally.read(options);
  try {
    const now = await readCurrentTime(connection, options);
    const since = beginOf(before, now);
    const isUnsettled = unsettledBy(before, now, types);
    const read = await readEvents(connection, { types, since, isUnsettled }, options);
    const begins = beginsAnew(before, now);
    const counted = begins && !read.isWhole ? undefined : countEvents(before, { now, ...read }, types);
    // A tally that is ahead of the clock would make every later run begin anew.
    if (counted === undefined || (begins && counted.from > now)) {
      if (before === undefined) throw new Error(AHEAD);
      return { totals: totalsOf(before, types), warnings: [AHEAD] };
    }
    const [kept, why] = await keep(tally, { before, counted }, options);
    const warnings = [
      ...(isClockBack(before, now) ? [CLOCK_BACK] : []),
      ...(read.isWhole ? [] : [more()]),
      ...why,
    ];
    return { totals: totalsOf(kept, types), warnings };
  } catch (error) {
    if (!(error instanceof VsphereFaultError)) throw error;
    const privilege = lackedBy(error);
    if (privilege !== undefined) return { totals: {}, warnings: [], lacks: [privilege] };
    if (error.fault === 'InvalidState') throw new Error(TOO_MANY_COLLECTORS, { cause: error });
    throw error;
  }
}

const totalsOf = ({ totals }: EventTally, types: readonly string[]): EventReading['totals'] =>
  Object.fromEntries(types.map((type) => [type, totals[type] ?? 0]));

/** The tally that stands; of a write that failed the one before, because a total that is not kept could fall. */
async function keep(
  tally: KeptTally,
  { before, counted }: { before: EventTally | undefined; counted: EventTally },
  options: { signal: AbortSignal },
): Promise<readonly [EventTally, warnings: readonly string[]]> {
  try {
    return [await tally.keep(counted, options), []];
  } catch (error) {
    options.signal.throwIfAborted();
    if (before === undefined) throw error;
    return [before, [`events were not counted, because the state cannot be written: ${messageOf(error)}`]];
  }
}

const CLOCK_BACK = `the clock of the vCenter went back by more than ${OVERLAP_MS / 60_000} min: events since the last run are not counted, later ones are`;
const AHEAD =
  'events are not counted: counting cannot begin, because too many have a time ahead of the clock of the vCenter; set it right';
/** A function: the first number in words takes Node 12 ms, which would be of each start. */
const more = () =>
  `not all events were read: a run reads ${MAX_EVENTS.toLocaleString('en')}, or for 15 s. The next run goes on from there; leave out of events.types what happens too often`;
const TOO_MANY_COLLECTORS =
  'vCenter creates no further event collector for this session (InvalidState); raise its setting event.maxCollectors';
