import { runsBy } from '../../collectors/needs.ts';
import { targetsOfSweep } from '../../config/cross-checks.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { collectorsOf } from '../plan/target-settings.ts';

export interface SshTurnDeps {
  readonly config: Pick<Config, 'sweeps' | 'targets'>;
  readonly runs: Pick<RunStore, 'acquireLease' | 'releaseLease'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who asks, and how much time there is. */
interface Asking extends Pick<TargetOrder, 'runId'> {
  readonly target: Pick<TargetOrder['target'], 'name'>;
  readonly times: Pick<TargetOrder['times'], 'leaseEnd' | 'graceMs' | 'workerEnd'>;
  readonly timeline: Pick<TargetOrder['timeline'], 'msUntil'>;
}

/** `held`: no other run asks the hosts of the target until it is released. */
export type SshTurn =
  | { readonly kind: 'held'; release(): Promise<void> }
  | { readonly kind: 'busy'; readonly why: string };

/** In the place of a sweep's name, none of which begins so. */
export const SSH_TURN = '#ssh';

const POLL_MS = 500;
/** A session with checks takes some 15 s of a host, and most of them end together. */
const MAX_WAIT_MS = 30_000;
const WAIT_SHARE = 1 / 4;
const RELEASE_MS = 2_000;
/** Longest `every` of a sweep: a turn that ends later was taken by a clock that was ahead. */
const DAY_MS = 24 * 3_600_000;

/** The sweeps that ask the hosts of a target by ssh. */
export const sweepsOverSsh = (config: SshTurnDeps['config'], target: string): readonly string[] =>
  config.sweeps
    .filter((sweep) => runsBy(collectorsOf(sweep), 'ask'))
    .filter((sweep) => targetsOfSweep(sweep, config).some(({ name }) => name === target))
    .map(({ name }) => name);

/**
 * Sweeps that ask the hosts of one target take turns, so that no host ever gets two logins at once, and each run sees all
 * refusals of the one before. A turn lasts as long as the lease of its run, should that die. Where one sweep alone asks,
 * nothing is written. Without the table nobody sees a turn, and the run goes on as it does without its lease. Never rejects.
 */
export async function takeSshTurn(
  { runId, target, times, timeline }: Asking,
  deps: SshTurnDeps,
  { signal }: { signal: AbortSignal },
): Promise<SshTurn> {
  const free: SshTurn = { kind: 'held', release: async () => undefined };
  if (sweepsOverSsh(deps.config, target.name).length < 2) return free;
  const { clock, runs, log } = deps;
  const latestEnd = () => latestLeaseEnd(DAY_MS, clock.now());
  const endsAt = times.leaseEnd + times.graceMs;
  const left = Math.min(MAX_WAIT_MS, timeline.msUntil(times.workerEnd) * WAIT_SHARE);
  const giveUpAt = clock.monotonic() + left;
  try {
    for (;;) {
      const lease = { holder: runId, endsAt, latestEnd: latestEnd() };
      const taken = await runs.acquireLease(SSH_TURN, target.name, lease, { signal });
      if (taken === 'acquired') return { kind: 'held', release: () => release(runId, target.name, deps) };
      if (clock.monotonic() >= giveUpAt) return { kind: 'busy', why: whyBusy(taken.endsAt) };
      await clock.sleep(POLL_MS, { signal });
    }
  } catch (error) {
    log.warn('the turn of asking hosts by ssh could not be taken; the run goes on without it', {
      target: target.name,
      error: messageOf(error),
    });
    return free;
  }
}

const whyBusy = (until: number): string =>
  'no login was tried: another sweep asks the hosts of this target by ssh at the moment, until ' +
  `${new Date(until).toISOString()} at the latest. The next run tries again; if this repeats, give one of the sweeps a longer "every"`;

async function release(
  holder: string,
  target: string,
  { clock, runs, log }: Pick<SshTurnDeps, 'clock' | 'runs' | 'log'>,
): Promise<void> {
  const limit = {
    clock,
    ms: RELEASE_MS,
    what: 'giving back the turn of asking hosts',
    signal: new AbortController().signal,
  };
  await withTimeLimit(limit, (signal) => runs.releaseLease(SSH_TURN, target, holder, { signal })).catch(
    (error: unknown) =>
      log.warn('the turn of asking hosts by ssh could not be given back; it expires by itself', {
        target,
        error: messageOf(error),
      }),
  );
}
