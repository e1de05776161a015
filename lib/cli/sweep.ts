import { targetsOfSweep } from '../config/cross-checks.ts';
import { ConfigError } from '../config/errors.ts';
import { printExposition } from '../metrics/encode-exposition.ts';
import type { Family } from '../metrics/family.ts';
import { mergeFamilies } from '../metrics/merge-families.ts';
import { systemClock } from '../platform/clock.ts';
import type { RunSummary } from '../sweep/result/summary.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { printSummary, toJson } from './print-summary.ts';
import { withProgress } from './progress.ts';
import { abortOnSignals, logTo, print, printError, tableWidth } from './terminal.ts';
import { asDryRun, asStopped, quietOnceStopped } from './told-summary.ts';

export interface SweepCommandOptions {
  readonly config: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
}

/** `vsweep sweep <name>`: one run, now. Answers the exit code. */
export async function sweepCommand(name: string, options: SweepCommandOptions): Promise<number> {
  const loaded = await loadConfig(options.config, process.env);
  const sweep = loaded.config.sweeps.find((one) => one.name === name);
  if (sweep === undefined) {
    const names = loaded.config.sweeps.map((one) => one.name).join(', ');
    throw new ConfigError(options.config, [
      { path: 'sweeps', message: `there is no sweep "${name}"; there are ${names}` },
    ]);
  }
  using signals = abortOnSignals();
  const published: (readonly Family[])[] = [];
  const targets = targetsOfSweep(sweep, loaded.config).length;
  const summary = await withProgress({ targets, json: options.json }, async (onProgress) => {
    await using container = await openContainer(
      {
        loaded,
        env: process.env,
        clock: systemClock,
        log: quietOnceStopped(logTo(options.verbose ? 'debug' : 'warn'), signals),
        push: !options.dryRun,
        dryRun: options.dryRun,
        ...(options.dryRun
          ? { exporter: { publish: (_group, { families }) => published.push(families) } }
          : {}),
        onProgress,
      },
      signals,
    );
    // Awaited here, because the container closes the state when this function is left.
    return asStopped(await container.runSweep({ sweep }, signals), signals);
  });
  if (options.dryRun) await printDryRun(asDryRun(summary, loaded), published, options);
  else print(options.json ? toJson(summary) : printSummary(summary, tableWidth(options)));
  return summary.exitCode;
}

/** One exposition over all targets, as /metrics would serve it, is the whole of standard output; or a field of the JSON. */
async function printDryRun(
  summary: RunSummary,
  published: readonly (readonly Family[])[],
  { json, verbose }: SweepCommandOptions,
): Promise<void> {
  const isStopped = summary.targets.some(({ status }) => status === 'stopped');
  const metrics = isStopped ? '' : printExposition(mergeFamilies(published));
  if (json) print(toJson(summary, { metrics }));
  else {
    if (metrics !== '') print(metrics);
    printError(printSummary(summary, tableWidth({ verbose }, process.stderr)));
  }
}
