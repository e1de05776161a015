import { runsBy } from '../../collectors/needs.ts';
import { targetsOfSweep } from '../../config/cross-checks.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { isStateAway } from '../../state/errors.ts';
import { latestLeaseEnd, type RunStore } from '../../state/stores/runs.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import { collectorsOf } from '../plan/target-settings.ts';
import { giveBackTurn, keepTurn, SSH_TURN, TURN_MS } from './kept-turn.ts';
import type { TurnsHere } from './turns-here.ts';
import { lookForWaiting, openWaitingRuns, type WaitingRuns } from './waiting-runs.ts';

export interface SshTurnDeps {
  readonly config: Pick<Config, 'sweeps' | 'targets'>;
  readonly runs: Pick<RunStore, 'acquireLease' | 'confirmLease' | 'releaseLease' | 'readLease'>;
  readonly turnsHere: TurnsHere;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who asks, and how much time there is. */
interface Asking extends Pick<TargetOrder, 'runId'> {
  readonly sweep: Pick<TargetOrder['sweep'], 'name'>;
  readonly target: Pick<TargetOrder['target'], 'name'>;
  readonly times: Pick<TargetOrder['times'], 'leaseEnd' | 'workerEnd'>;
  readonly timeline: Pick<TargetOrder['timeline'], 'msUntil'>;
}

/** No other run asks the hosts of the target until it is released. */
export interface HeldTurn {
  readonly kind: 'held';
  /** The table could not be asked: only hosts that the memory of this process stands for may be asked. */
  readonly isByMemory: boolean;
  /** Whether hosts may be asked that are on record as under way by now; whoever takes the turn looks at that record. */
  confirm(): Promise<boolean>;
  /** Whether a run of a more frequent sweep waits for it by now; absent where there is no such sweep. */
  isWanted?(options: { signal: AbortSignal }): Promise<boolean>;
  release(): Promise<void>;
}
export type SshTurn = HeldTurn | { readonly kind: 'busy'; readonly why: string };

const POLL_MS = 500;
/** Shorter than what a sweep leaves between two of its turns. */
const MAX_POLL_MS = 5_000;
/** Of the time of the workers: the rest is left to the hosts, whose time-outs shrink with it. */
const WAIT_SHARE = 1 / 2;
/** Without an answer of the table nobody can learn that a turn has ended. */
const MAX_FAILING_MS = 5_000;
/** Another process without the table stops to begin logins when its turn ends; these take so long at most, with some room. */
const LAST_LOGINS_MS = 40_000;

/** The sweeps that ask the hosts of a target by ssh. */
export const sweepsOverSsh = (config: SshTurnDeps['config'], target: string): readonly string[] =>
  sweepsAsking(config, target).map(({ name }) => name);

/** The most frequent first, in the same order in each process. */
const sweepsAsking = (config: SshTurnDeps['config'], target: string) =>
  config.sweeps
    .filter((sweep) => runsBy(collectorsOf(sweep), 'ask'))
    .filter((sweep) => targetsOfSweep(sweep, config).some(({ name }) => name === target))
    .toSorted((one, other) => one.everyMs - other.everyMs || (one.name < other.name ? -1 : 1));

/** The sweeps whose runs have the turn before those of this one: more frequent ones have less time to wait. */
const sweepsBefore = (config: SshTurnDeps['config'], { sweep, target }: Asking): readonly string[] => {
  const names = sweepsOverSsh(config, target.name);
  return names.slice(0, Math.max(0, names.indexOf(sweep.name)));
};

const ALONE: HeldTurn = {
  kind: 'held',
  isByMemory: false,
  confirm: async () => true,
  release: async () => undefined,
};

/**
 * Sweeps that ask the hosts of one target take turns, so that no host ever gets two logins at once, and each run sees all
 * refusals of the one before; a run that waits is on record, so that the runs of less frequent sweeps give way. Where one
 * sweep alone asks, nothing is written. Never rejects.
 */
export async function takeSshTurn(
  asking: Asking,
  deps: SshTurnDeps,
  { signal }: { signal: AbortSignal },
): Promise<SshTurn> {
  const { runId, target, times, timeline } = asking;
  const { clock, turnsHere } = deps;
  const sweeps = sweepsOverSsh(deps.config, target.name);
  // Its lease and its flights would be looked at by nobody who asks these hosts.
  if (!sweeps.includes(asking.sweep.name)) return { kind: 'busy', why: whyNotOf(asking) };
  if (sweeps.length < 2) return ALONE;
  const waiting = openWaitingRuns({ sweep: asking.sweep.name, target: target.name, runId }, deps);
  const startedAt = clock.monotonic();
  const giveUpAt = startedAt + timeline.msUntil(times.workerEnd) * WAIT_SHARE;
  let failure: unknown;
  const busy = async (why: string): Promise<SshTurn> => {
    // What an answer that was lost may have written.
    if (failure !== undefined) await giveBackTurn({ runId, target: target.name }, deps);
    turnsHere.giveBack(target.name, runId);
    return { kind: 'busy', why };
  };
  try {
    for (;;) {
      const look = await lookForTurn(asking, waiting, deps, { signal });
      if (look.kind === 'held') return look;
      if (look.kind === 'failed') failure = look.error;
      const until = look.kind === 'failed' ? Math.min(giveUpAt, startedAt + MAX_FAILING_MS) : giveUpAt;
      if (clock.monotonic() >= until)
        return look.kind === 'failed' && mayGoByMemory(asking, look, deps)
          ? heldByMemory(asking, deps)
          : await busy(look.why);
      if (look.kind === 'busy') await waiting.announce({ signal });
      const waited = clock.monotonic() - startedAt;
      await clock.sleep(Math.min(MAX_POLL_MS, Math.max(POLL_MS, waited / 10)), { signal });
    }
  } catch (error) {
    failure = error;
    return await busy(`no login was tried: ${messageOf(error)}`);
  } finally {
    await withTimeLimit({ ...UNTIL_WITHDRAWN, clock }, (limited) =>
      waiting.withdraw({ signal: limited }),
    ).catch(() => undefined);
  }
}

/** Also of a run that was stopped. */
const UNTIL_WITHDRAWN = { ms: 2_000, what: 'the end of a wait', signal: new AbortController().signal };

type Look =
  | HeldTurn
  | { readonly kind: 'busy'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string; readonly error: unknown; readonly failedForMs: number };

/** Within this process first: what it learns holds also where the table cannot be asked. */
async function lookForTurn(
  asking: Asking,
  waiting: Pick<WaitingRuns, 'areThere'>,
  deps: SshTurnDeps,
  options: { signal: AbortSignal },
): Promise<Look> {
  const {
    runId,
    sweep,
    target: { name: target },
    times,
  } = asking;
  const { clock, runs, turnsHere } = deps;
  if (!turnsHere.take(target, runId)) return { kind: 'busy', why: whyBusy('') };
  const before = sweepsBefore(deps.config, asking);
  if (await waiting.areThere(before, options)) {
    turnsHere.giveBack(target, runId);
    return { kind: 'busy', why: whyBusy('') };
  }
  const turn = {
    holder: runId,
    endsAt: clock.now() + TURN_MS,
    latestEnd: latestLeaseEnd(TURN_MS, clock.now()),
  };
  try {
    const taken = await runs.acquireLease(SSH_TURN, target, turn, options);
    turnsHere.answered(target);
    if (taken !== 'acquired')
      return {
        kind: 'busy',
        why: whyBusy(`, until ${new Date(taken.endsAt).toISOString()} unless it goes on`),
      };
    // Without the lease of its run, what it has under way would count as lost.
    const lease = { holder: runId, endsAt: times.leaseEnd };
    const mayRun =
      (await runs.confirmLease(sweep.name, target, runId, options)) ||
      (await runs.acquireLease(sweep.name, target, lease, options)) === 'acquired';
    if (!mayRun) {
      await giveBackTurn({ runId, target }, deps);
      return { kind: 'busy', why: 'no login was tried: another run of this sweep is under way' };
    }
    const kept = keepTurn({ runId, target, endsAt: turn.endsAt }, deps);
    return {
      kind: 'held',
      isByMemory: false,
      confirm: kept.confirm,
      ...(before.length === 0
        ? {}
        : { isWanted: lookForWaiting((looking) => waiting.areThere(before, looking), clock) }),
      async release() {
        await kept.release();
        turnsHere.giveBack(target, runId);
      },
    };
  } catch (error) {
    options.signal.throwIfAborted();
    const failedForMs = turnsHere.failedFor(target, clock.monotonic());
    return { kind: 'failed', error, failedForMs, why: whyUnknown(error) };
  }
}

/**
 * One sweep alone, the same in each process, and only when the turns of all processes have ended that took one while the
 * table could be asked.
 */
function mayGoByMemory(
  { sweep, target }: Asking,
  { error, failedForMs }: { error: unknown; failedForMs: number },
  { config }: SshTurnDeps,
): boolean {
  const [first] = sweepsOverSsh(config, target.name);
  return isStateAway(error) && first === sweep.name && failedForMs >= TURN_MS + LAST_LOGINS_MS;
}

function heldByMemory({ runId, target }: Asking, deps: SshTurnDeps): HeldTurn {
  return {
    kind: 'held',
    isByMemory: true,
    confirm: async () => true,
    async release() {
      // What an answer that was lost may have written.
      await giveBackTurn({ runId, target: target.name }, deps);
      deps.turnsHere.giveBack(target.name, runId);
    },
  };
}

const whyNotOf = ({ sweep, target }: Asking): string =>
  `no login was tried: sweep ${sweep.name} does not ask the hosts of ${target.name} by ssh. Name ${target.name} in its "targets", or use a sweep that has it`;

const whyBusy = (until: string): string =>
  `no login was tried: another sweep asks the hosts of this target by ssh at the moment${until}. ` +
  'The next run tries again; if this repeats, give one of the sweeps a longer "every"';

const whyUnknown = (error: unknown): string =>
  'no login was tried: whether another sweep asks the hosts of this target by ssh could not be read from the state table: ' +
  messageOf(error);
