import type { BatchHost } from '../batch.ts';
import { isLeftForTurn } from '../dispatch/left-for-turn.ts';
import type { PreparedSsh } from '../dispatch/ssh-plan.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import type { AskedTarget } from './asked-target.ts';

/** The hosts that the last of some turns left, by their managed object ids. */
export const restOf = (turns: readonly AskedTarget[]): ReadonlySet<string> =>
  new Set(
    (turns.at(-1)?.finished ?? [])
      .flatMap(({ hosts }) => hosts)
      .filter(isLeftForTurn)
      .map(({ moref }) => moref),
  );

/**
 * What came of the hosts of a target over all turns of its run: of a host that an earlier turn left, what came of it in the
 * last one. Pure. Throws RangeError without a turn.
 */
export function joinTurns(turns: readonly AskedTarget[]): AskedTarget {
  const [first, ...later] = turns;
  if (first === undefined) throw new RangeError('no turn');
  if (later.length === 0) return first;
  const last = new Map<string, BatchHost>(
    later.flatMap(({ hosts }) => hosts.map((host) => [host.moref, host] as const)),
  );
  const finished = turns.flatMap((turn, index) => withoutLater(turn.finished, turns[index + 1]));
  return {
    hosts: first.hosts.map((host) => last.get(host.moref) ?? host),
    finished,
    problems: [...new Set(turns.flatMap(({ problems }) => problems))],
    netbox: first.netbox,
    ssh: joinPrepared(turns.flatMap(({ ssh }) => ssh ?? [])),
    flights: {
      land: async (batches, options) => {
        const landed: boolean[] = [];
        for (const { flights } of turns) landed.push((await flights?.land(batches, options)) ?? true);
        return landed.every(Boolean);
      },
    },
    isLossy: turns.some(({ isLossy }) => isLossy),
  };
}

/** Nobody was asked of a batch that was left, so it has no results but its hosts. */
function withoutLater(finished: readonly FinishedBatch[], next: AskedTarget | undefined): FinishedBatch[] {
  if (next === undefined) return [...finished];
  return finished
    .map((batch) => ({ ...batch, hosts: batch.hosts.filter((host) => !isLeftForTurn(host)) }))
    .filter(({ hosts }) => hosts.length > 0);
}

/** As it was found last, by a turn in which anybody might have been asked; with what any of them had to say. */
function joinPrepared(prepared: readonly PreparedSsh[]): PreparedSsh | undefined {
  const last = prepared.findLast(({ run }) => run !== undefined) ?? prepared.at(-1);
  return (
    last && {
      ...last,
      lostFlights: prepared.reduce((sum, { lostFlights = 0 }) => sum + lostFlights, 0),
      problems: [...new Set(prepared.flatMap(({ problems }) => problems))],
    }
  );
}
