import { eachAtOnce } from '../../platform/at-once.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import { allMalformed, StateError } from '../../state/errors.ts';
import type { FlightOwner, FlightStore } from '../../state/stores/flights.ts';
import { latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import { countFlights, type FlightDeps, runOf } from './flights.ts';

interface Options {
  readonly signal: AbortSignal;
}

export type LeftFlightDeps = FlightDeps & {
  readonly clock: Pick<Clock, 'now'>;
  readonly flights: Pick<FlightStore, 'readOwners' | 'forgetOwner'>;
  readonly runs: Pick<RunStore, 'readLease'>;
};

interface SweepOnTarget {
  readonly sweep: string;
  readonly target: string;
}

const DAY_MS = 24 * 3_600_000;
/** Longest `every` of a sweep: a lease or flight that ends later was written by a clock that was ahead. */
const MAX_EVERY_MS = DAY_MS;
/** Each costs a query or more, and every run makes them for all sweeps and targets: more at once are throttled. */
const OWNERS_AT_ONCE = 16;
/** A process that still begins flights has renewed the owner since. */
const OWNER_KEPT_MS = 7 * DAY_MS;

/**
 * Counts what other runs left in flight, but for `byTheirOwn` sweeps and targets, whose own runs count it. All others were
 * renamed or removed, or ask hosts by ssh no more. They may also belong to another process with another configuration, so
 * what may be under way is left alone. Answers the problems of items that cannot be read or taken away, which cost nobody
 * else a login; rejects as `countLostFlights` does. With `isForAll`, as for the one account of a domain, an item that cannot
 * be read may stand for a refusal of that account: then it rejects, once the others are counted.
 */
export async function countLeftFlights(
  { runId, byTheirOwn, isForAll }: { runId: string; byTheirOwn: readonly SweepOnTarget[]; isForAll: boolean },
  deps: LeftFlightDeps,
  options: Options,
): Promise<readonly string[]> {
  const own = new Set(byTheirOwn.map(nameOf));
  const problems: string[] = [];
  const malformed: StateError[] = [];
  const owners = await deps.flights.readOwners({
    ...options,
    onMalformed: (_name, error) => void malformed.push(error),
  });
  const count = async (owner: FlightOwner) => {
    try {
      await countOf(owner, { runId, problems, malformed }, deps, options);
    } catch (error) {
      if (!(error instanceof StateError) || error.code !== 'malformed') throw error;
      malformed.push(error);
    }
  };
  const others = owners.filter((owner) => !own.has(nameOf(owner)));
  await eachAtOnce(OWNERS_AT_ONCE, others, count);
  const unreadable = isForAll ? allMalformed(malformed) : undefined;
  if (unreadable !== undefined) throw unreadable;
  return [...malformed.map(messageOf), ...problems];
}

const nameOf = ({ sweep, target }: SweepOnTarget) => JSON.stringify([sweep, target]);

/**
 * No lease is taken, which could cost a run of that sweep its turn: what stands there both before and after a moment in
 * which nobody holds the lease has no run any more. Several may count it at once, each to its end before it logs in:
 * of one flight an account counts once.
 */
async function countOf(
  owner: FlightOwner,
  { runId, problems, malformed }: { runId: string; problems: string[]; malformed: StateError[] },
  deps: LeftFlightDeps,
  options: Options,
): Promise<void> {
  const { sweep, target, namedAt } = owner;
  const { clock, flights, runs } = deps;
  const isOthers = ({ id }: { id: string }) => runOf(id) !== runId;
  const time = clock.now();
  const latestEnd = latestLeaseEnd(MAX_EVERY_MS, time);
  const isAhead = ({ endsAt = 0 }: { endsAt?: number }) => endsAt > time && endsAt <= latestEnd;
  let isReadable = true;
  const before = await flights.readAll(sweep, target, {
    ...options,
    onMalformed: (_id, error) => {
      isReadable = false;
      malformed.push(error);
    },
  });
  if (before.length === 0 && isReadable) {
    if (time - namedAt <= OWNER_KEPT_MS) return;
    // What is kept for longer than it has to be counts nothing.
    await flights.forgetOwner(owner, options).catch((error: unknown) => void problems.push(messageOf(error)));
    return;
  }
  const left = before.filter(isOthers);
  // Of a run without a lease too, which the table could not give it.
  if (left.length === 0 || left.some(isAhead)) return;
  const lease = await runs.readLease(sweep, target, options);
  if (lease !== undefined && lease.holder !== runId && isAhead(lease)) return;
  const ids = new Set(left.map(({ id }) => id));
  const now = await flights.readAll(sweep, target, { ...options, onMalformed: () => undefined });
  const still = now.filter(({ id }) => ids.has(id));
  await countFlights(still, { sweep, target }, deps, options);
}
