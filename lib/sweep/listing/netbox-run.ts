import type { RunTimes } from '../../config/run-times.ts';
import type { NetboxConfig } from '../../config/schema.ts';
import type { ActiveDevices, KnownDevices } from '../../netbox/active-devices.ts';
import type { Clock } from '../../platform/clock.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import type { Timeline } from '../../platform/timeline.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { NetboxVerdict } from '../plan/netbox-plan.ts';

export interface NetboxDeps {
  readonly clock: Clock;
  readonly startActiveDevices: (options: { signal: AbortSignal }) => ActiveDevices;
}

/** NetBox in one run of a sweep. */
export interface NetboxRun {
  /** Begins at the first call; resolves by the end of listing, and never rejects. */
  verdict(): Promise<NetboxVerdict>;
  /** Resolves when nothing is under way any more. */
  finish(): Promise<void>;
}

/**
 * Asks NetBox once for all targets of a run, beside the listing of their hosts, which it does not hold up: what did
 * not come by the end of listing counts as down in this run. It is waited for until the end of collecting all the
 * same, and kept for the next run, so that a slow NetBox is believed one run late.
 */
export function createNetboxRun(
  settings: Pick<NetboxConfig, 'whenDown'>,
  { times, timeline }: { times: Pick<RunTimes, 'listEnd' | 'collectEnd' | 'graceMs'>; timeline: Timeline },
  { clock, startActiveDevices }: NetboxDeps,
  { signal }: { signal: AbortSignal },
): NetboxRun {
  let begun: { verdict: Promise<NetboxVerdict>; finished: Promise<void> } | undefined;
  const begin = () => {
    const within = { clock, patienceMs: times.graceMs, signal };
    const reading = startDeadline({
      ...within,
      ms: timeline.msUntil(times.collectEnd),
      what: 'reading from NetBox',
    });
    const active = startActiveDevices(reading);
    const finished = active.now
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => reading[Symbol.dispose]());
    return { verdict: judge(active, settings, { ...within, ms: timeline.msUntil(times.listEnd) }), finished };
  };
  return {
    verdict() {
      begun ??= begin();
      return begun.verdict;
    },
    finish: async () => begun?.finished,
  };
}

async function judge(
  active: ActiveDevices,
  { whenDown }: Pick<NetboxConfig, 'whenDown'>,
  limit: { clock: Clock; ms: number; patienceMs: number; signal: AbortSignal },
): Promise<NetboxVerdict> {
  using waiting = startDeadline({ ...limit, what: LATE });
  try {
    const known = await untilAborted(active.now, waiting.signal);
    return { up: true, known, asks: 'active', problems: active.notes };
  } catch (error) {
    // The state may hang as well.
    const known = await untilAborted(active.before, waiting.signal).catch(() => undefined);
    const asks = asksWithout(whenDown, known);
    const failure = error instanceof DeadlineError ? LATE : messageOf(error);
    return { up: false, known, asks, problems: [...active.notes, `NetBox: ${failure} ${say(asks, known)}`] };
  }
}

const LATE =
  'no answer by the end of the listing phase. Check its load. An answer that comes later in the run is kept for the next run.';

function asksWithout(
  whenDown: NetboxConfig['whenDown'],
  known: KnownDevices | undefined,
): NetboxVerdict['asks'] {
  switch (whenDown) {
    case 'use-stale':
      return known === undefined ? 'all' : 'active';
    case 'collect-all':
      return 'all';
    case 'collect-none':
      return 'none';
  }
}

function say(asks: NetboxVerdict['asks'], known: KnownDevices | undefined): string {
  switch (asks) {
    case 'active':
      return `Using the NetBox answer from ${new Date(known?.readAt ?? 0).toISOString()} (netbox.whenDown).`;
    case 'all':
      return 'Every host is asked by ssh, active or not (netbox.whenDown).';
    case 'none':
      return 'No host is asked by ssh (netbox.whenDown).';
  }
}
