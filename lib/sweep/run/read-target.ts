import type { KindName } from '../../inventory/kind.ts';
import type { KeptResults } from '../dispatch/kept-results.ts';
import { type FinishedRead, type ReadItemsDeps, readItems } from '../dispatch/read-items.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import type { ListedTarget } from '../listing/list-target.ts';
import type { ItemsToRead } from '../plan/items-to-read.ts';
import { type Progress, tell } from './progress.ts';

export interface ReadTargetDeps extends ReadItemsDeps {
  /** Called with the hosts done and in all: when they are known, and as batches come back. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Only with a fresh list: else nobody knows whether its hosts are still those of the target. */
export const sessionOf = ({ source, session }: ListedTarget) => (source === 'fresh' ? session : undefined);

/** Reads what the rows of the sweep need, of every kind. Never rejects. */
export async function readTarget(
  order: TargetOrder,
  listed: ListedTarget,
  {
    wanted,
    own,
    overSsh,
    kept,
  }: { wanted: readonly ItemsToRead[]; own: boolean; overSsh: boolean; kept: KeptResults },
  deps: ReadTargetDeps,
  options: { signal: AbortSignal },
): Promise<FinishedRead[]> {
  const { runId, sweep, target, times, timeline } = order;
  const session = sessionOf(listed);
  if (session === undefined || wanted.length === 0) return [];
  const hosts = listed.list?.hosts.length ?? 0;
  let done = 0;
  const onFinished = (kind: KindName, items: number) => {
    if (kind !== 'host' || overSsh) return;
    done += items;
    tell({ target: target.name, done, hosts }, deps);
  };
  return await readItems(
    wanted,
    {
      runId,
      sweep: sweep.name,
      target: target.name,
      endsAt: times.workerEnd,
      timeline,
      session,
      own,
      kept,
      onFinished,
    },
    deps,
    options,
  );
}
