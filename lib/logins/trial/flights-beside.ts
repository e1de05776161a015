import type { Clock } from '../../platform/clock.ts';
import { allMalformed, type StateError } from '../../state/errors.ts';
import type { Flight } from '../../state/stores/flights.ts';
import { type Lease, latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import { countFlights, type FlightDeps, runOf } from './flights.ts';

export type FlightsBesideDeps = FlightDeps & {
  readonly clock: Pick<Clock, 'now'>;
  readonly runs: Pick<RunStore, 'readLease'>;
};

/** What other sweeps on the target have, or left, in flight. */
export interface FlightsBeside {
  /** Batches that were lost. */
  readonly lost: number;
  /** Addresses of accounts in flight whose run may be alive, so that a worker may be at them. */
  readonly asked: ReadonlySet<string>;
}

/** Longest `every` of a sweep. */
const DAY_MS = 24 * 3_600_000;

/**
 * Counts what other sweeps left in flight on a target, by a run whose turn it is to ask its hosts: then nobody begins a
 * flight beside it. A flight is lost when its run holds its lease no more; a run that was paused, or died a moment ago,
 * holds it still, and its workers may be at work. Rejects when that cannot be done: then nobody may log in.
 */
export async function countFlightsBeside(
  { sweeps, target }: { sweeps: readonly string[]; target: string },
  deps: FlightsBesideDeps,
  options: { signal: AbortSignal },
): Promise<FlightsBeside> {
  const malformed: StateError[] = [];
  const onMalformed = (_id: string, error: StateError) => void malformed.push(error);
  const asked = new Set<string>();
  let lost = 0;
  for (const sweep of sweeps) {
    const readAll = () => deps.flights.readAll(sweep, target, { ...options, onMalformed });
    if ((await readAll()).length === 0) continue;
    const lease = await deps.runs.readLease(sweep, target, options);
    // Its run may have struck off some, and given its lease back, since they were read.
    const still = Object.groupBy(await readAll(), ({ id }) =>
      isOf(lease, id, deps.clock.now()) ? ('flying' as const) : ('lost' as const),
    );
    for (const { addresses, unproven } of still.flying ?? [])
      for (const address of [...addresses, ...unproven]) asked.add(address);
    await countFlights(still.lost ?? [], { sweep, target }, deps, options);
    lost += still.lost?.length ?? 0;
  }
  // Nobody knows whose refusals it stands for.
  const unreadable = allMalformed(malformed);
  if (unreadable !== undefined) throw unreadable;
  return { lost, asked };
}

const isOf = (lease: Lease | undefined, id: Flight['id'], now: number): boolean =>
  lease !== undefined &&
  lease.holder === runOf(id) &&
  now < lease.endsAt &&
  lease.endsAt <= latestLeaseEnd(DAY_MS, now);
