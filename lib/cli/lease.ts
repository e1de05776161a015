import { targetsOfSweep } from '../config/cross-checks.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { sayNone, sayNoTarget } from '../config/unknown-names.ts';
import { systemClock } from '../platform/clock.ts';
import type { State } from '../state/state.ts';
import { type Lease, latestLeaseEnd } from '../state/stores/runs.ts';
import { SSH_TURN } from '../sweep/run/kept-turn.ts';
import { endTrials } from './credential.ts';
import { formatTable } from './format-table.ts';
import { type StateOptions, withState } from './open-state.ts';
import { print, printError, printTime, tableWidth } from './terminal.ts';

/** `vsweep lease list`: which run is under way on which target. */
export async function leaseListCommand(options: StateOptions & { json: boolean }): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const held = await Promise.all(
      sweepsAndTargets(loaded).map(async ({ sweep, target, everyMs }) => {
        const lease = await state.runs.readLease(sweep, target, { signal });
        return isHeld(lease, everyMs) ? [{ sweep, target, ...lease }] : [];
      }),
    );
    const leases = held.flat();
    const rows = leases.map(({ sweep, target, endsAt, holder }) => [
      sweep,
      target,
      printTime(endsAt),
      holder,
    ]);
    if (options.json) print(JSON.stringify(leases, undefined, 2));
    else if (leases.length === 0) print('no sweep is running');
    else print(formatTable(['sweep', 'target', 'ends', 'holder'], rows, { width: tableWidth(options) }));
    return 0;
  });
}

/**
 * `vsweep lease release <sweep> <target>`: for a run that died. One that lives would be counted as lost by the next
 * run, so the operator has to say that it is dead. Answers 1 when there was no lease to release.
 */
export async function leaseReleaseCommand(
  sweep: string,
  target: string,
  options: StateOptions & { runIsDead?: boolean; json: boolean },
): Promise<number> {
  if (options.runIsDead !== true) {
    printError(
      'If the run is still alive, two runs work at once: the next run counts its batches as lost, with a ' +
        'possible refusal for each of their hosts. Make sure that it has ended, then repeat this with --run-is-dead. Or ' +
        'wait: a lease expires by itself ("vsweep lease list" shows when).',
    );
    return 2;
  }
  return await withState(options, async ({ state, loaded, signal }) => {
    const lease = await state.runs.readLease(sweep, target, { signal });
    const everyMs = loaded.config.sweeps.find(({ name }) => name === sweep)?.everyMs;
    const released = isHeld(lease, everyMs);
    if (released) await state.runs.releaseLease(sweep, target, lease.holder, { signal });
    const turn = await releaseTurn(state, { loaded, target }, { signal });
    // Its trial of a credential would hold up every other run as long as its lease did.
    const trials = released ? await endTrials(state, { loaded, holder: lease.holder }, { signal }) : [];
    if (options.json) print(JSON.stringify({ released, trials, turn }));
    else if (released || turn !== undefined)
      print(
        [
          ...(released ? [`released; it was held by ${lease.holder}`] : []),
          ...(turn === undefined ? [] : [`the turn of asking its hosts by ssh has ended; ${turn} held it`]),
          ...trials.map((id) => `its trial of ${id} has ended`),
        ].join('\n'),
      );
    if (released || turn !== undefined) return 0;
    printError(
      sayUnknown({ sweep, target }, loaded) ??
        `no run of ${sweep} holds a lease on ${target}; "vsweep lease list" shows every run under way`,
    );
    return 1;
  });
}

/** Which of both the configuration does not have: what was removed from it may still have a lease, so this is said last. */
function sayUnknown(
  { sweep, target }: { sweep: string; target: string },
  { config: { sweeps, targets } }: LoadedConfig,
): string | undefined {
  const names = sweeps.map(({ name }) => name);
  if (!names.includes(sweep)) return sayNone('sweep', sweep, names);
  if (targets.some(({ name }) => name === target)) return undefined;
  return sayNoTarget(
    target,
    targets.map(({ name, url }) => ({ name, url })),
  );
}

/** Ends a turn that no run has, as far as leases tell: its own may have ended while the turn could not be given back. */
async function releaseTurn(
  { runs }: Pick<State, 'runs'>,
  { loaded, target }: { loaded: LoadedConfig; target: string },
  options: { signal: AbortSignal },
): Promise<string | undefined> {
  const turn = await runs.readLease(SSH_TURN, target, options);
  if (!isHeld(turn)) return undefined;
  const sweeps = sweepsAndTargets(loaded).filter((one) => one.target === target);
  const leases = await Promise.all(
    sweeps.map(async ({ sweep, everyMs }) => ({
      lease: await runs.readLease(sweep, target, options),
      everyMs,
    })),
  );
  if (leases.some(({ lease, everyMs }) => isHeld(lease, everyMs) && lease.holder === turn.holder))
    return undefined;
  await runs.releaseLease(SSH_TURN, target, turn.holder, options);
  return turn.holder;
}

/** Every sweep on each of its targets. */
export function sweepsAndTargets({ config }: LoadedConfig) {
  return config.sweeps.flatMap((sweep) =>
    targetsOfSweep(sweep, config).map(({ name }) => ({
      sweep: sweep.name,
      target: name,
      everyMs: sweep.everyMs,
    })),
  );
}

/** A lease is over at its end, whether it was given back or not; one that ends too late never was any. */
export function isHeld(lease: Lease | undefined, everyMs = Number.POSITIVE_INFINITY): lease is Lease {
  const now = systemClock.now();
  return lease !== undefined && now < lease.endsAt && lease.endsAt <= latestLeaseEnd(everyMs, now);
}
