import { openContainer } from '../../../lib/cli/container.ts';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { type Path, printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary, TargetSummary } from '../../../lib/sweep/result/summary.ts';
import type { SweptFleet } from './swept-fleet.ts';

/** vsweep in this process, wired as on one machine; it holds the fleet's state folder until it is disposed of. */
export interface Sweeper extends AsyncDisposable {
  run(): Promise<RunSummary>;
  /** One run over the fleet's only target. */
  sweep(): Promise<TargetSummary>;
}

export async function openSweeper(
  { configFile, env }: Pick<SweptFleet, 'configFile' | 'env'>,
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<Sweeper> {
  const { signal } = new AbortController();
  const loaded = await loadConfig(configFile);
  const container = await openContainer({ loaded, env, clock, log: silentLog, push: true }, { signal });
  const run = async () => {
    const [sweep] = loaded.config.sweeps;
    if (sweep === undefined) throw new Error(`${configFile} has no sweep`);
    return await container.runSweep({ sweep }, { signal });
  };
  return {
    run,
    sweep: async () => {
      const [target] = (await run()).targets;
      if (target === undefined) throw new Error(`${configFile} has no target`);
      return target;
    },
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}

/** What became of each host on a path, by name: `ok`, `failed(auth)` … */
export function outcomesOf({ hosts }: TargetSummary, path: Path): Record<string, string> {
  return Object.fromEntries(
    hosts.map(({ name, outcomes }) => [
      name,
      outcomes[path] === undefined ? '' : printOutcome(outcomes[path]),
    ]),
  );
}
