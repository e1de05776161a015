import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import { StateError } from '../../state/errors.ts';
import type { FlightOwner, FlightStore } from '../../state/stores/flights.ts';
import { latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import { countLostFlights, type FlightDeps } from './flights.ts';
import { keepRecord } from './keep-record.ts';

interface Options {
  readonly signal: AbortSignal;
}

export type LeftFlightDeps = FlightDeps & {
  readonly clock: Clock;
  readonly flights: Pick<FlightStore, 'readOwners' | 'forgetOwner'>;
  readonly runs: Pick<RunStore, 'acquireLease' | 'releaseLease'>;
};

interface SweepOnTarget {
  readonly sweep: string;
  readonly target: string;
}

const DAY_MS = 24 * 3_600_000;
/** Longest `every` of a sweep: a lease or flight that ends later was written by a clock that was ahead. */
const MAX_EVERY_MS = DAY_MS;
/** A process that still begins flights has renewed the owner since. */
const OWNER_KEPT_MS = 7 * DAY_MS;
/** For counting; who dies meanwhile holds up another process of that sweep no longer. */
const LEASE_MS = 30_000;

/**
 * Counts what is left in flight of sweeps and targets whose own runs will not, `configured` being those that will: they
 * were renamed or removed, or ask hosts by ssh no more. They may also belong to another process with another
 * configuration, so each is counted with its lease held, as its own run does, and left alone while its run may be under
 * way. Answers the problems of items that cannot be read or taken away, which cost nobody else a login; rejects as
 * `countLostFlights` does.
 */
export async function countLeftFlights(
  { holder, configured }: { holder: string; configured: readonly SweepOnTarget[] },
  deps: LeftFlightDeps,
  options: Options,
): Promise<readonly string[]> {
  const own = new Set(configured.map(nameOf));
  const problems: string[] = [];
  const owners = await deps.flights.readOwners({
    ...options,
    onMalformed: (_name, error) => void problems.push(messageOf(error)),
  });
  await Promise.all(
    owners
      .filter((owner) => !own.has(nameOf(owner)))
      .map((owner) =>
        countOf(owner, { holder, problems }, deps, options).catch((error: unknown) => {
          if (!(error instanceof StateError) || error.code !== 'malformed') throw error;
          problems.push(messageOf(error));
        }),
      ),
  );
  return problems;
}

const nameOf = ({ sweep, target }: SweepOnTarget) => JSON.stringify([sweep, target]);

async function countOf(
  owner: FlightOwner,
  { holder, problems }: { holder: string; problems: string[] },
  deps: LeftFlightDeps,
  options: Options,
): Promise<void> {
  const { sweep, target, namedAt } = owner;
  const { clock, flights, runs } = deps;
  const now = clock.now();
  const latestEnd = latestLeaseEnd(MAX_EVERY_MS, now);
  const left = await flights.readAll(sweep, target, options);
  if (left.length === 0) {
    if (now - namedAt <= OWNER_KEPT_MS) return;
    // What is kept for longer than it has to be counts nothing.
    await flights.forgetOwner(owner, options).catch((error: unknown) => void problems.push(messageOf(error)));
    return;
  }
  // Of a run without a lease too, which the table could not give it.
  if (left.some(({ endsAt = 0 }) => endsAt > now && endsAt <= latestEnd)) return;
  const lease = { holder, endsAt: now + LEASE_MS, latestEnd };
  if ((await runs.acquireLease(sweep, target, lease, options)) !== 'acquired') return;
  try {
    await countLostFlights({ sweep, target }, deps, options);
  } finally {
    const what = {
      what: 'releasing a lease',
      failure: 'a lease could not be released; it expires by itself',
    };
    await keepRecord({ ...what, of: { sweep, target } }, deps, (limited) =>
      runs.releaseLease(sweep, target, holder, limited),
    );
  }
}
