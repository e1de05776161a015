/** An event as it is counted. Keys begin again when a vCenter's database is cleared; with its time one is unique. */
export interface CountedEvent {
  readonly key: number;
  /** When it was created, by the clock of the vCenter; milliseconds since the epoch. */
  readonly time: number;
  /** As `events.types` names it. */
  readonly type: string;
}

/**
 * What is kept of counting from one run to the next. Every event before `from` is settled: it was counted, or never will
 * be. Of those from then on exactly the ones in `seen` are settled. Times are the vCenter's, in milliseconds.
 */
export interface EventTally {
  /** Up to when the events were read. */
  readonly at: number;
  readonly from: number;
  readonly totals: Readonly<Record<string, number>>;
  readonly seen: readonly (readonly [key: number, time: number])[];
}

/** What one run read, oldest first. */
export interface ReadEvents {
  /** The time of the vCenter before the first event was read. */
  readonly now: number;
  readonly events: readonly CountedEvent[];
  /** Whether it was read to the end. */
  readonly isWhole: boolean;
}

/** Events may come so much later than their time says, as those of hosts, and clocks may go back so far. */
export const OVERLAP_MS = 15 * 60_000;
/** Settled events that are remembered one by one; more shorten the overlap. */
export const MAX_SEEN = 1_000;

/** Whether a run counts nothing and only notes what is there: the first one, and one after the clock was set back. */
export const beginsAnew = (before: EventTally | undefined, now: number): boolean =>
  before === undefined || isClockBack(before, now);

/** Since when events are to be read. A clock that is behind all that is unsettled was set back: then it begins anew. */
export function beginOf(before: EventTally | undefined, now: number): number {
  return before === undefined || beginsAnew(before, now) ? now : before.from;
}

export const isClockBack = (before: EventTally | undefined, now: number): boolean =>
  before !== undefined && now < before.from;

/**
 * Whether an event is one that this run has to settle: of one of the types, and neither settled before nor ahead of the
 * clock. A later run counts what is ahead. Where it begins anew all are noted, because what is ahead may be of the clock
 * before. Pure.
 */
export function unsettledBy(
  before: EventTally | undefined,
  now: number,
  types: readonly string[],
): (event: CountedEvent) => boolean {
  const begin = beginOf(before, now);
  const end = beginsAnew(before, now) ? Number.POSITIVE_INFINITY : now;
  const settled = new Set(before?.seen.map(idOf));
  const counted = new Set(types);
  return ({ key, time, type }) =>
    counted.has(type) && time >= begin && time <= end && !settled.has(idOf([key, time]));
}

/**
 * The tally after a run that read what `beginOf` says. Totals never fall, and what was read in vain (the tally was not
 * kept) is counted the same by the next run. The first run, and one after the clock was set back, count nothing: they
 * only note what is there, all of it, or a later one would count what was counted before. A type counts from the run on
 * that first had it. An event ahead of the clock waits for the run that it is no longer ahead of. Throws TypeError where
 * one begins anew and did not read everything. Pure.
 */
export function countEvents(
  before: EventTally | undefined,
  { now, events, isWhole }: ReadEvents,
  types: readonly string[],
): EventTally {
  const begins = beginsAnew(before, now);
  const begin = beginOf(before, now);
  if (begins && !isWhole) throw new TypeError('counting cannot begin with a part of the events');
  const isUnsettled = unsettledBy(before, now, types);
  const totals = new Map(types.map((type) => [type, before?.totals[type] ?? 0]));
  const settled = new Map(before?.seen.map((one) => [idOf(one), one]));
  for (const { key, time, type } of events) {
    const one = [key, time] as const;
    const total = totals.get(type);
    if (total === undefined || !isUnsettled({ key, time, type }) || settled.has(idOf(one))) continue;
    settled.set(idOf(one), one);
    const isNewType = before === undefined || !Object.hasOwn(before.totals, type);
    const isOfBefore = isNewType && time < (before?.at ?? now);
    if (!begins && !isOfBefore) totals.set(type, total + 1);
  }
  const at = isWhole ? now : events.reduce((latest, { time }) => Math.max(latest, time), before?.at ?? 0);
  const until = Math.min(at, now);
  const kept = keepSeen([...settled.values()], begins ? begin : Math.max(begin, until - OVERLAP_MS));
  return { at: until, totals: Object.fromEntries(totals), ...kept };
}

/** The newest of them, and from when on they are all. */
function keepSeen(settled: EventTally['seen'], earliest: number): Pick<EventTally, 'from' | 'seen'> {
  const sorted = settled.filter(([, time]) => time >= earliest).toSorted(([, one], [, other]) => other - one);
  const dropped = sorted[MAX_SEEN];
  const from = dropped === undefined ? earliest : dropped[1] + 1;
  return { from, seen: sorted.slice(0, MAX_SEEN).filter(([, time]) => time >= from) };
}

const idOf = ([key, time]: EventTally['seen'][number]): string => `${key} ${time}`;
