import { ConfigError } from '../config/errors.ts';
import { encodeExposition } from '../metrics/encode-exposition.ts';
import type { Family } from '../metrics/family.ts';
import { mergeFamilies } from '../metrics/merge-families.ts';
import { systemClock } from '../platform/clock.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { printSummary, toJson } from './print-summary.ts';
import { abortOnSignals, logTo, print, withProgress } from './terminal.ts';

export interface SweepCommandOptions {
  readonly config: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
}

/** `vsweep sweep <name>`: one run, now. Answers the exit code. */
export async function sweepCommand(name: string, options: SweepCommandOptions): Promise<number> {
  const loaded = await loadConfig(options.config);
  const sweep = loaded.config.sweeps.find((one) => one.name === name);
  if (sweep === undefined) {
    const names = loaded.config.sweeps.map((one) => one.name).join(', ');
    throw new ConfigError(options.config, [
      { path: 'sweeps', message: `there is no sweep "${name}"; there are ${names}` },
    ]);
  }
  using signals = abortOnSignals();
  const published: (readonly Family[])[] = [];
  const targets = sweep.targets ?? loaded.config.targets.map((target) => target.name);
  const summary = await withProgress(targets, async (onProgress) => {
    await using container = await openContainer(
      {
        loaded,
        env: process.env,
        clock: systemClock,
        log: logTo(options.verbose ? 'debug' : 'warn'),
        push: !options.dryRun,
        ...(options.dryRun
          ? { exporter: { publish: (_group, { families }) => published.push(families) } }
          : {}),
        onProgress,
      },
      signals,
    );
    // Awaited here, because the container closes the state when this function is left.
    return await container.runSweep({ sweep }, signals);
  });
  // One exposition over all targets, as /metrics would serve it.
  if (options.dryRun && !options.json) print(await encodeExposition(mergeFamilies(published)));
  print(options.json ? toJson(summary) : printSummary(summary));
  return summary.exitCode;
}
