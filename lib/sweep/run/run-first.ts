import type { Flights } from '../../logins/trial/flights.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { type Lease, latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import type { BatchHost } from '../batch.ts';

export interface RunFirstDeps {
  readonly runs: Pick<RunStore, 'acquireLease' | 'releaseLease' | 'readLease'>;
  readonly clock: Clock;
}

interface Options {
  readonly signal: AbortSignal;
}

/** In the place of a sweep's name: that a run of the sweep waits for the lease that a run of one host has. */
const firstOf = (sweep: string): string => `#first:${sweep}`;
/** Longer than the wait itself: of a run that was paused in it the record stands, of one that died it ends. */
const SPARE_MS = 30_000;
/** No run waits longer, in milliseconds. */
const MAX_WAIT_MS = 60_000;
const WITHDRAW_MS = 2_000;

/**
 * The record that a run waits, by which whoever asks single hosts gives way. It says only who comes first: where it cannot
 * be written or read, the run waits until the lease of one such run ends.
 */
export function openRunFirst(
  { sweep, target, runId }: { sweep: string; target: string; runId: string },
  { runs, clock }: RunFirstDeps,
): { announce(waitMs: number, options: Options): Promise<void>; withdraw(): Promise<void> } {
  let isAnnounced = false;
  return {
    async announce(waitMs, options) {
      isAnnounced = true;
      const now = clock.now();
      const latestEnd = latestLeaseEnd(MAX_WAIT_MS + SPARE_MS, now);
      const wait = { holder: runId, endsAt: now + waitMs + SPARE_MS, latestEnd };
      await runs.acquireLease(firstOf(sweep), target, wait, options).catch(() => undefined);
    },
    async withdraw() {
      if (!isAnnounced) return;
      const limit = {
        clock,
        ms: WITHDRAW_MS,
        what: 'the end of a wait',
        signal: new AbortController().signal,
      };
      await withTimeLimit(limit, (signal) =>
        runs.releaseLease(firstOf(sweep), target, runId, { signal }),
      ).catch(() => undefined);
    },
  };
}

/** The run of a sweep that waits for its lease; undefined where there is none, or that cannot be read. */
export async function findRunFirst(
  { sweep, target }: { sweep: string; target: string },
  { runs, clock }: RunFirstDeps,
  options: Options,
): Promise<Lease | undefined> {
  const wait = await runs.readLease(firstOf(sweep), target, options).catch(() => undefined);
  const now = clock.now();
  const isThere =
    wait !== undefined && wait.endsAt > now && wait.endsAt <= latestLeaseEnd(MAX_WAIT_MS + SPARE_MS, now);
  return isThere ? wait : undefined;
}

type Recorded = Pick<Flights<BatchHost>, 'begin'>;

/** Of a run of one host: it begins no login while a run of its sweep waits. */
export const unlessRunWaits = (
  of: { sweep: string; target: string },
  record: Recorded | undefined,
  deps: RunFirstDeps,
): Recorded => ({
  async begin(batch, options) {
    if ((await findRunFirst(of, deps, options)) === undefined)
      return (await record?.begin(batch, options)) ?? batch.hosts;
    const why = `no login was tried: a run of the sweep ${of.sweep} waits for its lease, and goes first. Try again when it is over`;
    return batch.hosts.map((host) =>
      host.ssh === 'try' ? { ...host, ssh: { skip: 'other-process', why } } : host,
    );
  },
});
